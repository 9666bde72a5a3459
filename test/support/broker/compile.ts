import { execFileSync } from 'node:child_process';

/** Worker processes run the compiled code: Node 20 does not read TypeScript. */
export default function compile(): void {
  const elsewhere = ['-p', 'test', '--noEmit', 'false', '--outDir', 'dist.test'];
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...elsewhere], { stdio: 'inherit' });
}
