import { redisServerIsMissing } from './redis-server.js';

/** A suite that is skipped where Redis is missing, and says so. */
export function describeWithRedis(name: string, suite: () => void): void {
    const missing = redisServerIsMissing();
    // The reporters of jest do not name files in which everything is skipped.
    if (missing) process.stderr.write(`SKIPPED ${name}: ${missing}\n`);
    const declare = missing ? describe.skip : describe;
    declare(missing ? `${name} (skipped: ${missing})` : name, suite);
}
