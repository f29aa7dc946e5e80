import type { Deed, Effect, Fact } from './facts.js';
import { findViolation, RULES } from './invariants.js';

type Line = (Effect | Deed) & { readonly after?: number };

/** A story, at one moment but for the lines that come some milliseconds after the last. */
function storyOf(lines: readonly Line[]): Fact[] {
    let now = 0;
    return lines.map(({ after = 0, ...line }) => {
        now += after;
        return { wall: now, monotonic: now, ...line };
    });
}

const A = { source: 'A', parameters: '' } as const;

const asked = (request: number, to: object = A): Line => ({ what: 'asked', request, canBeRepeated: true, ...A, ...to });
const sent = (request: number, token?: string): Line => ({ what: 'sent', request, token });
const settled = (request: number, by = 'status 200'): Line => ({ what: 'settled', request, by });
const answered = (request: number, answer: 200 | 401): Line => ({ what: 'answered', request, answer });
const cleared: Line[] = [
    { what: 'cleared', source: 'A' },
    { what: 'told', ...A, event: { type: 'cleared' } },
];
const replayed: Line = { what: 'told', ...A, event: { type: 'replayed', status: 200, recovered: true } };

type Reason = 'missing' | 'expired' | 'rejected' | 'ahead';
function called(creation: number, reason: Reason = 'missing', previous?: string, of: object = A): Line[] {
    return [
        { what: 'told', ...A, ...of, event: { type: 'creating', reason } },
        { what: 'creator called', ...A, ...of, creation, reason, previous },
    ];
}
function granted(creation: number, reason: Reason = 'missing', of: object = A): Line[] {
    const event = { type: 'created', reason, durationMs: 0, expiresAt: 100_000 } as const;
    return [
        { what: 'creation ended', creation, ending: { with: 'grant', lifetime: 100_000 } },
        { what: 'told', ...A, ...of, event },
    ];
}
const refused = (token: string): Line => ({ what: 'refused', source: 'A', token, isPermitted: true });

/** As it should be: one request, its token, another one. */
const GOOD: Line[] = [
    asked(0),
    ...called(0),
    ...granted(0),
    sent(0, 'token-0'),
    answered(0, 200),
    settled(0),
    asked(1),
    sent(1, 'token-0'),
    answered(1, 401),
    refused('token-0'),
    ...called(1, 'rejected', 'token-0'),
    ...granted(1, 'rejected'),
    sent(1, 'token-1'),
    answered(1, 200),
    replayed,
    settled(1),
];
const FIRST = GOOD.slice(0, GOOD.findIndex(({ what }) => what === 'settled') + 1);
const insisting = Array.from({ length: 12 }, (_, index): Line[] => [
    ...called(index + 2, 'rejected', `token-${index + 1}`),
    ...granted(index + 2, 'rejected'),
    refused(`token-${index + 2}`),
]).flat();

/** Its second token was on its way when the first was refused. */
const THRICE: Line[] = [
    ...FIRST,
    asked(1),
    sent(1, 'token-0'),
    ...called(1, 'ahead', 'token-0'),
    answered(1, 401),
    refused('token-0'),
    ...granted(1, 'ahead'),
    sent(1, 'token-1'),
    answered(1, 401),
    replayed,
    refused('token-1'),
    ...called(2, 'rejected', 'token-1'),
    ...granted(2, 'rejected'),
    sent(1, 'token-2'),
    answered(1, 200),
    replayed,
    settled(1),
];

const BAD: [string, Line[]][] = [
    ['a second creation for the same source, parameters and generation begins', [asked(0), ...called(0), ...called(1)]],
    ['a request is sent with a token of another source', [...FIRST, asked(1, { source: 'B' }), sent(1, 'token-0')]],
    [
        'a request is sent with a token of other parameters',
        [...FIRST, asked(1, { parameters: 'read' }), sent(1, 'token-0')],
    ],
    ['a request is sent with a token of an earlier epoch', [...FIRST, ...cleared, asked(1), sent(1, 'token-0')]],
    [
        'a request is sent with a token that is known to be refused',
        [...FIRST, asked(1), refused('token-0'), sent(1, 'token-0')],
    ],
    [
        'a token is created in the foreground where a valid one was held',
        [...FIRST, asked(1), ...called(1, 'expired', 'token-0').map((line) => ({ ...line, after: 30_000 }))],
    ],
    ['a request fails with its creator where a valid token was held', [...FIRST, asked(1), settled(1, 'failure 1')]],
    [
        'a request is sent more than three times',
        [
            ...THRICE.slice(0, -1),
            answered(1, 401),
            refused('token-2'),
            ...called(3, 'rejected', 'token-2'),
            ...granted(3, 'rejected'),
            sent(1, 'token-3'),
        ],
    ],
    [
        'a request is sent a third time though its second token was asked for because of its refusal',
        [...GOOD.slice(0, -1), answered(1, 401), sent(1, 'token-1')],
    ],
    [
        'a request is sent again that was not refused, or cannot be repeated',
        [...FIRST, asked(1), sent(1, 'token-0'), answered(1, 200), sent(1, 'token-0')],
    ],
    [
        'a request is sent again that was not refused, or cannot be repeated',
        [...FIRST, asked(1, { canBeRepeated: false }), sent(1, 'token-0'), answered(1, 401), sent(1, 'token-0')],
    ],
    ['a request is sent without a token though a source is attached', [...FIRST, asked(1), sent(1)]],
    ['not so: every request settles, once', [...FIRST, settled(0)]],
    ['not so: every request settles, once', GOOD.slice(0, -1)],
    [
        'not so: each call of a creator is told of just before it is made, and no other',
        GOOD.slice(0, 1).concat(called(0).slice(1), GOOD.slice(3)),
    ],
    [
        'not so: a token is told of before it is sent',
        FIRST.filter((line) => line.what !== 'told' || line.event.type !== 'created'),
    ],
    ['not so: each second or third sending is told of, and no other', GOOD.filter((line) => line !== replayed)],
    ['not so: each second or third sending is told of, and no other', [...FIRST, replayed]],
    ['not so: each log-out is told of', [...FIRST, ...cleared.slice(0, 1)]],
    ['not so: a creation is told to have ended once at most', [...GOOD, ...granted(0), ...granted(0)]],
    ['not so: refusals cost no more creations than the budget allows', [...GOOD, refused('token-1'), ...insisting]],
];

describe('the invariants', () => {
    it.each([GOOD, THRICE])('find nothing wrong with a story in which all is well', (...lines) => {
        expect(findViolation(storyOf(lines), true)).toBeUndefined();
    });

    it.each(BAD)('tell of a story in which this is broken: %s', (rule, lines) => {
        expect(findViolation(storyOf(lines), true)?.rule).toBe(rule);
    });

    it('have each been seen broken', () => {
        expect(new Set(BAD.map(([rule]) => rule))).toEqual(new Set(RULES));
    });
});
