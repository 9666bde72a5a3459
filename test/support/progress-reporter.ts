import { relative } from 'node:path';
import type { Reporter, TestModule, TestSpecification } from 'vitest/node';

/** Prints which file begins and how many are left, if there is no terminal in which Vitest itself shows that. */
export default class ProgressReporter implements Reporter {
  #left = 0;

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#left = specifications.length;
  }

  onTestModuleStart({ project, moduleId }: TestModule): void {
    if (!process.stderr.isTTY) process.stderr.write(`${project.name}: ${relative('.', moduleId)} begins\n`);
  }

  onTestModuleEnd(): void {
    this.#left--;
    if (!process.stderr.isTTY) process.stderr.write(`${this.#left} files are left\n`);
  }
}
