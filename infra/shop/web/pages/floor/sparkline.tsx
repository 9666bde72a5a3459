const WIDTH = 120;
const HEIGHT = 28;

export function Sparkline({ series, label }: { series: readonly number[]; label: string }) {
  const most = Math.max(1, ...series);
  const step = WIDTH / Math.max(1, series.length);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
      {series.map((value, index) => {
        const height = value === 0 ? 1 : Math.max(2, (value / most) * HEIGHT);
        return <rect key={index} x={index * step} y={HEIGHT - height} width={step * 0.7} height={height} />;
      })}
    </svg>
  );
}
