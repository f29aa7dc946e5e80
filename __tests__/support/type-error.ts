import { inspect } from 'node:util';

/** Runs what must fail at once: the error names these words, and no secret. */
export function expectTypeError(run: () => unknown, ...words: string[]): void {
    let error: unknown = 'no error';
    try {
        run();
    } catch (thrown) {
        error = thrown;
    }
    expect(error).toBeInstanceOf(TypeError);
    const { message } = error as TypeError;
    for (const word of words) expect(message).toContain(word);
    expect(message.length).toBeLessThan(600);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toMatch(/canary/);
}
