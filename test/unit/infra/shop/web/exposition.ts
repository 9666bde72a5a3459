/** One metric family in Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Parses it strictly, like promtool. @throws Error that quotes the line */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  let help: RegExpMatchArray | null = null;
  let name = '';
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  for (const line of text.split('\n').filter(Boolean)) {
    if (line.startsWith('# HELP ')) {
      help = line.match(/^# HELP (\S+) (.+)$/);
      if (help === null || families.has(help[1] ?? '')) throw new Error(`no help, or a second one: ${line}`);
    } else if (line.startsWith('# TYPE ')) {
      const [, ofType = '', type = ''] = line.match(/^# TYPE (\S+) (\S+)$/) ?? [];
      if (help?.[1] !== ofType || SUFFIXES[type] === undefined)
        throw new Error(`no help before it, or no type: ${line}`);
      if ((type === 'counter') !== ofType.endsWith('_total')) throw new Error(`a counter ends in _total: ${line}`);
      name = ofType;
      families.set(name, { type, help: help[2] ?? '', samples: [] });
    } else {
      const [, sample = '', labels = '', value = ''] = line.match(SAMPLE) ?? [];
      const family = families.get(name);
      const isOfFamily = SUFFIXES[family?.type ?? '']?.some((suffix) => sample === name + suffix);
      if (family === undefined || !isOfFamily || Number.isNaN(Number(value)))
        throw new Error(`no sample of ${name}: ${line}`);
      family.samples.push({ name: sample, labels: parseLabels(labels), value: Number(value) });
    }
  }
  return families;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const found = LABEL.exec(text);
    if (found === null) throw new Error(`no labels: ${text}`);
    labels[found[1] ?? ''] = found[2] ?? '';
  }
  return labels;
}
