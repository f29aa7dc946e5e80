const FRESHNESS = ['fresh', 'aging', 'stale', 'rejected', 'none'];
const SITUATIONS = ['idle', 'creating', 'held back'];

/** What can happen in the model: each cell of the table of requests, and all else that makes a difference. */
export const TRANSITIONS: readonly string[] = [
    ...FRESHNESS.flatMap((freshness) => SITUATIONS.map((situation) => `request: ${freshness}, ${situation}`)),
    'grant: in time, adopted',
    'grant: late, adopted',
    'grant: late and outdated, dropped',
    'grant: after a log-out, dropped',
    'failure: those who wait are told',
    'failure: the token that is valid stays',
    'failure: late, of no effect',
    'refusal: of the current token, idle',
    'refusal: of the current token, creating',
    'refusal: of the current token, the budget is empty',
    'refusal: of a token given up before',
    'refusal: of an older token',
    'refusal: of another source, or before the log-out',
    'replay: recovered',
    'replay: in vain',
    'abort: of a wait',
    'abort: of a sending',
];
