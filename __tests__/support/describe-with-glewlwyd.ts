import { glewlwydIsMissing } from './glewlwyd.js';

/** A suite that is skipped where glewlwyd is missing, and says so. */
export function describeWithGlewlwyd(name: string, suite: () => void): void {
    const missing = glewlwydIsMissing();
    // The reporters of jest do not name files in which everything is skipped.
    if (missing) process.stderr.write(`SKIPPED ${name}: ${missing}\n`);
    const declare = missing ? describe.skip : describe;
    declare(missing ? `${name} (skipped: ${missing})` : name, suite);
}
