import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Worker processes run the compiled code: Node 20 does not read TypeScript. `npm run types` checks it. */
export async function compile(): Promise<void> {
  const elsewhere = ['-p', 'test', '--noEmit', 'false', '--outDir', 'dist.test', '--noCheck'];
  const compiler = spawn(process.execPath, ['node_modules/typescript/bin/tsc', ...elsewhere], { stdio: 'inherit' });
  const [code] = await once(compiler, 'close');
  if (code !== 0) throw new Error('the tests could not be compiled');
}
