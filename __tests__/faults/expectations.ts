import { isAxiosError } from 'axios';
import { inspect } from 'node:util';
import { expectNoSecretIn } from '../support/no-secret.js';
import { isError, type Cell, type Moment } from './cells.js';
import { FURTHER_REQUESTS, isAwaitedStill, isServable, REQUESTS, type Observation } from './run-cell.js';
import { SECRETS } from './scene.js';

const TOKEN = /test-(access|refresh)-token-\d/;
const UNBOUNDED = 'grant-parameters';

const REASONS = { first: 'missing', ahead: 'ahead', rejected: 'rejected', refresh: 'rejected' } as const;

/** The replay of one request may end before another request begins one. */
const HEALED = 'rejected, creating rejected, created rejected(, (creating expired|created expired|replayed 200))*';

/** What happens while all goes wrong. */
function storyOf({ row, moment, outcome }: Cell): string {
    const reason = REASONS[moment];
    const revoked = row.misfortune === 'revoked on its way';
    if (outcome === 'a 401') return 'rejected, creating rejected, created rejected, replayed 401';
    if (isError(outcome)) {
        // The first two are not held against the next request. The clock stands still: what is held back stays so.
        const times = moment === 'ahead' || row.retryAfter ? 1 : 3;
        const failures = Array.from({ length: times }, () => `creating ${reason}, failed ${reason}`);
        return [...(reason === 'rejected' ? ['rejected'] : []), ...failures].join(', ');
    }
    if (reason === 'rejected') return HEALED;
    const created = `created ${reason}`;
    // Whether the first 401 comes before the token that is on its way, is left to chance.
    if (moment === 'ahead' && (row.skew ?? 0) > 0) return `creating ahead, (rejected, )?${created}, replayed 200`;
    return `creating ${reason}, ${created}${revoked && moment === 'first' ? `, ${HEALED}` : ''}`;
}

/** What the next request brings about. */
function sequelOf(cell: Cell): string {
    const { row, moment, outcome } = cell;
    const reason = REASONS[moment];
    if (outcome === 'a 401' || (row.misfortune === 'revoked on its way' && moment === 'ahead')) return HEALED;
    // A token that is good for those alone who waited for it is followed by another.
    if (!isError(outcome)) return '(creating expired, created expired)?';
    return isAwaitedStill(cell) ? `created ${reason}` : `creating ${reason}, created ${reason}`;
}

function earlyOf({ row, moment, outcome }: Cell): Observation['early'] {
    if (!row.retryAfter) return undefined;
    return { ending: moment === 'ahead' ? 'served' : outcome, tokenRequests: 0 };
}

function endingOf({ moment, outcome }: Cell): string {
    return isServable({ moment, outcome }) ? 'served' : outcome.replace('a 401', '401');
}

const whole = (pattern: string): unknown => expect.stringMatching(new RegExp(`^(${pattern})$`));

/** Three creations that fail, and a password after a refresh token that was refused. */
const MOST_TOKEN_REQUESTS: Readonly<Record<Moment, number>> = { first: 3, ahead: 2, rejected: 3, refresh: 4 };

export function expectAsDocumented(cell: Cell, seen: Observation): void {
    const { row, moment, outcome } = cell;
    expect(seen).toMatchObject({
        endings: { [endingOf(cell)]: REQUESTS },
        further: isError(outcome) ? { [endingOf(cell)]: FURTHER_REQUESTS } : {},
        failures: isError(outcome) ? [outcome] : [],
        story: whole(storyOf(cell)),
        sequel: whole(sequelOf(cell)),
        early: earlyOf(cell),
        next: 'served',
        followedRedirects: 0,
    });
    const most = row.fault?.type === UNBOUNDED ? REQUESTS : MOST_TOKEN_REQUESTS[moment];
    expect(seen.tokenRequests).toBeLessThanOrEqual(most);
    if (row.misfortune === 'refresh token reused') expect(seen.reuseAttempts).toBe(1);
    for (const error of seen.errors) {
        expect(inspect(error, { depth: 4 })).not.toMatch(TOKEN);
        if (!isAxiosError(error)) expectNoSecretIn(error, SECRETS);
    }
}
