import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

interface Output {
  write(text: string): unknown;
}

/** One line a file while it goes well; failures in full, at once and in a list at the end; one closing line. */
export class Report {
  readonly #root: string;
  readonly #out: Output;
  readonly #files = new Map<string, { passed: number; failed: number; skipped: number }>();
  readonly #failures: string[] = [];
  readonly #startedAt = performance.now();

  constructor(root: string, out: Output) {
    this.#root = root;
    this.#out = out;
  }

  take(event: TestEvent): void {
    if (event.type === 'test:pass' || event.type === 'test:fail') this.#count(event);
    else if (event.type === 'test:stderr' || event.type === 'test:stdout') this.#out.write(event.data.message);
  }

  end(): number {
    const sum = { passed: 0, failed: 0, skipped: 0 };
    for (const file of this.#files.values()) {
      sum.passed += file.passed;
      sum.failed += file.failed;
      sum.skipped += file.skipped;
    }
    if (this.#failures.length > 0)
      this.#out.write(`\nFailed:\n${this.#failures.map((name) => `  ${name}\n`).join('')}`);
    const seconds = ((performance.now() - this.#startedAt) / 1_000).toFixed(1);
    this.#out.write(`\n${this.#files.size} files in ${seconds} s\n`);
    const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
    this.#out.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`);
    return sum.failed > 0 || sum.passed === 0 ? 1 : 0;
  }

  #count(event: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>): void {
    const { data } = event;
    const file = data.file === undefined ? '?' : relative(this.#root, data.file);
    // The runner reports a file as a test of its own: it is counted only when it failed as a whole.
    const isFile = data.nesting === 0 && data.name.endsWith('.test.ts');
    const isSuite = data.details.type === 'suite';
    const tally = this.#files.get(file) ?? { passed: 0, failed: 0, skipped: 0 };
    this.#files.set(file, tally);
    if (event.type === 'test:pass') {
      if (isFile) return;
      // A suite that is left out as a whole tells of none of its tests.
      if (event.data.skip !== undefined) tally.skipped++;
      else if (!isSuite) tally.passed++;
      return;
    }
    const cause = (event.data.details.error as Error & { failureType?: string }).failureType;
    // A suite fails because a test in it did, and that one has been counted.
    if (cause === 'subtestsFailed') return;
    tally.failed++;
    const name = `${file}: ${data.name}`;
    this.#failures.push(name);
    this.#out.write(`\n✖ ${name}\n${describe(event.data.details.error)}\n`);
  }
}

function describe(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const text = inner instanceof Error ? (inner.stack ?? inner.message) : String(inner);
  return text
    .split('\n')
    .filter((line) => !line.includes('node:internal'))
    .map((line) => `    ${line}`)
    .join('\n');
}
