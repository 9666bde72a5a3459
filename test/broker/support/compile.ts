import { execFileSync } from 'node:child_process';

/** Worker processes run the compiled code: Node 20 does not read TypeScript. */
export default function compile(): void {
  const intoDist = ['-p', 'test', '--noEmit', 'false', '--outDir', 'dist'];
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...intoDist], { stdio: 'inherit' });
}
