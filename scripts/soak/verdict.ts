import type { Failure, Span } from './messages.js';
import type { Troubles } from './trouble.js';

/**
 * `lost`: it could have been served. `unservable`: it could not, see docs/soak.md. `stopped`: the machine did not let a
 * process run meanwhile, so that time ran out for no other reason.
 */
export type Judgement = 'lost' | 'unservable' | 'stopped';

const OF_TOKENS = /^(TokenError|TokenEndpointError|TokenResponseError): /;

/** Milliseconds from the moment at which a request begins to the one at which its token is looked for. */
const BEGINNING = 100;

const overlaps = ({ from, until }: Span, other: Span): boolean => from <= other.until && other.from <= until;

/** It had no token that was good, and could get none. */
function wasWithoutToken(failure: Failure, { faults, revocations }: Troubles): boolean {
    const { begun, ended, token, heldBackUntil } = failure;
    const isGood = token.until > begun + BEGINNING;
    const wasRevoked = revocations.some((at) => overlaps(at, { from: token.from, until: ended }));
    const hadFault = faults.some((fault) => overlaps(fault, { from: begun, until: ended }));
    return (!isGood || wasRevoked) && (hadFault || begun <= heldBackUntil);
}

export function judge(failure: Failure, troubles: Troubles | undefined, stalls: readonly Span[]): Judgement {
    const { begun, ended, error } = failure;
    if (OF_TOKENS.test(error) && troubles && wasWithoutToken(failure, troubles)) return 'unservable';
    return stalls.some((stall) => overlaps(stall, { from: begun, until: ended })) ? 'stopped' : 'lost';
}
