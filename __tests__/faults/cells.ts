import type { Fault, InjectionOptions } from '../../src/testing/index.js';

/** When a token is asked for. */
export const MOMENTS = {
    first: 'the first token',
    ahead: 'a renewal ahead of expiry',
    rejected: 'a renewal after a 401',
    refresh: 'a refresh grant after a 401',
} as const;
export type Moment = keyof typeof MOMENTS;

/**
 * What a token request comes to: a token, `a 401` for a token that is refused in turn, or the error that every request
 * gets that has to wait for it.
 */
type Outcome = 'a token' | 'a 401' | `TokenError ${string}` | 'TokenResponseError' | `TokenEndpointError ${number}`;

/** What goes wrong besides what a server can be told to do wrong. */
type Misfortune = 'no TLS' | 'revoked on its way' | 'refresh token reused' | 'refresh tokens revoked';

export interface Row {
    readonly name: string;
    readonly fault?: Fault;
    readonly injection?: InjectionOptions;
    readonly misfortune?: Misfortune;
    readonly outcome: Outcome;
    /** At some moments it is another one; `undefined`: there is no such thing. */
    readonly unlike?: { readonly [Key in Moment]?: Outcome | undefined };
    /** Milliseconds by which the server's clock is off. */
    readonly skew?: number;
    /** Milliseconds for which requests wait for a token, before and after the fault as well; else as long as it takes. */
    readonly creationTimeout?: number;
    /** Milliseconds for a token request that meets the fault; else more than any takes. */
    readonly tokenTimeout?: number;
    /** The `Retry-After` of the fault, in milliseconds. */
    readonly retryAfter?: number;
}

const SHORT = 1_000;
const HOUR = 3_600_000;

/** What has to do with refresh tokens alone. */
const refreshOnly = { first: undefined, ahead: undefined, rejected: undefined } as const;

function grantParameter(told: string, expires_in: unknown): Row {
    return {
        name: `\`expires_in\`: ${told}`,
        fault: { type: 'grant-parameters', parameters: { expires_in } },
        outcome: 'a token',
    };
}

const lateAnswers: readonly Row[] = [
    { name: 'delay', fault: { type: 'delay', milliseconds: 200 }, outcome: 'a token' },
    {
        name: 'hold, longer than the time for a token request',
        fault: { type: 'hold' },
        tokenTimeout: SHORT,
        outcome: 'TokenError timeout',
    },
    {
        name: 'hold, longer than `creationTimeout`',
        fault: { type: 'hold' },
        creationTimeout: 4 * SHORT,
        outcome: 'TokenError timeout',
    },
    { name: 'slow loris', fault: { type: 'slow-loris' }, tokenTimeout: SHORT, outcome: 'TokenError timeout' },
];

const brokenConnections: readonly Row[] = [
    { name: 'TLS handshake that fails', misfortune: 'no TLS', outcome: 'TokenError network' },
    {
        name: 'reset before the request is read',
        fault: { type: 'reset', when: 'before-request' },
        outcome: 'TokenError network',
    },
    {
        name: 'reset after the request is read',
        fault: { type: 'reset', when: 'after-request' },
        outcome: 'TokenError network',
    },
    { name: 'answer lost', fault: { type: 'lost-answer' }, outcome: 'TokenError network' },
    { name: 'cut within the headers', fault: { type: 'cut', within: 'headers' }, outcome: 'TokenError network' },
    { name: 'cut within the body', fault: { type: 'cut', within: 'body' }, outcome: 'TokenError network' },
];

const strangeAnswers: readonly Row[] = [
    { name: 'body without an end', fault: { type: 'endless-body' }, outcome: 'TokenResponseError' },
    { name: 'gzip bomb', fault: { type: 'gzip-bomb' }, outcome: 'TokenResponseError' },
    { name: 'truncated JSON', fault: { type: 'truncated-json' }, outcome: 'TokenResponseError' },
    { name: 'HTML with 200', fault: { type: 'html' }, outcome: 'TokenResponseError' },
    { name: 'HTML with 502', fault: { type: 'html', status: 502 }, outcome: 'TokenEndpointError 502' },
    { name: 'content type `text/plain`', fault: { type: 'content-type' }, outcome: 'a token' },
    { name: 'redirect (302)', fault: { type: 'redirect', status: 302 }, outcome: 'TokenEndpointError 302' },
    { name: 'redirect (307)', fault: { type: 'redirect' }, outcome: 'TokenEndpointError 307' },
    { name: 'every key twice', fault: { type: 'duplicate-keys' }, outcome: 'a token' },
    { name: 'token of 64 Ki characters', fault: { type: 'huge-token' }, outcome: 'a token' },
    {
        name: 'no `access_token`',
        fault: { type: 'grant-parameters', parameters: { access_token: undefined } },
        outcome: 'TokenResponseError',
    },
];

const refusals: readonly Row[] = [
    {
        name: '400 `invalid_grant`, to the refresh grant',
        fault: { type: 'status', status: 400, error: 'invalid_grant' },
        injection: { grantType: 'refresh_token' },
        outcome: 'a token',
        unlike: refreshOnly,
    },
    {
        name: '400 `invalid_client`, to every grant',
        fault: { type: 'status', status: 400, error: 'invalid_client' },
        outcome: 'TokenEndpointError 400',
    },
    ...([401, 403] as const).map(
        (status): Row => ({
            name: `${status} without a body, to every grant`,
            fault: { type: 'status', status },
            outcome: `TokenEndpointError ${status}`,
        }),
    ),
    ...([401, 403] as const).map(
        (status): Row => ({
            name: `${status} without a body, to the refresh grant`,
            fault: { type: 'status', status },
            injection: { grantType: 'refresh_token' },
            outcome: 'a token',
            unlike: refreshOnly,
        }),
    ),
    { name: '500 without a body', fault: { type: 'status', status: 500 }, outcome: 'TokenEndpointError 500' },
    ...([429, 503] as const).flatMap((status): Row[] => [
        {
            name: `${status}, \`Retry-After\` in seconds`,
            fault: { type: 'status', status, retryAfter: 120 },
            retryAfter: 120_000,
            outcome: `TokenEndpointError ${status}`,
        },
        {
            name: `${status}, \`Retry-After\` as a date`,
            fault: { type: 'status', status, retryAfter: 120, retryAfterForm: 'date' },
            retryAfter: 120_000,
            outcome: `TokenEndpointError ${status}`,
        },
    ]),
];

const oddLifetimes: readonly Row[] = [
    grantParameter('absent', undefined),
    grantParameter('null', null),
    grantParameter('0', 0),
    grantParameter('-1', -1),
    grantParameter('0.5', 0.5),
    grantParameter('1e300', 1e300),
    grantParameter("'3600'", '3600'),
    grantParameter("'-1'", '-1'),
    grantParameter("'soon'", 'soon'),
    grantParameter("''", ''),
    grantParameter('true', true),
    grantParameter('[3600]', [3600]),
    grantParameter('{}', {}),
];

const clocks: readonly Row[] = [
    { name: "the server's clock is an hour ahead", skew: HOUR, outcome: 'a token' },
    { name: "the server's clock is an hour behind", skew: -HOUR, outcome: 'a token' },
    {
        name: '503, `Retry-After` as a date of a clock that is a minute ahead',
        fault: { type: 'status', status: 503, retryAfter: 60, retryAfterForm: 'date' },
        skew: 60_000,
        retryAfter: 120_000,
        outcome: 'TokenEndpointError 503',
    },
];

const revocations: readonly Row[] = [
    {
        name: 'tokens revoked while the answer is under way',
        fault: { type: 'hold' },
        misfortune: 'revoked on its way',
        outcome: 'a 401',
        unlike: { first: 'a token', ahead: 'a token' },
    },
    {
        name: 'all refresh tokens revoked',
        misfortune: 'refresh tokens revoked',
        outcome: 'a token',
        unlike: refreshOnly,
    },
    {
        name: 'refresh token used by somebody else: the server detects reuse',
        misfortune: 'refresh token reused',
        outcome: 'a token',
        unlike: refreshOnly,
    },
];

/** What can go wrong with a token, and what comes of it. */
export const ROWS: readonly Row[] = [
    ...lateAnswers,
    ...brokenConnections,
    ...strangeAnswers,
    ...refusals,
    ...oddLifetimes,
    ...clocks,
    ...revocations,
];

export const isError = (outcome: Outcome): boolean => outcome.includes('Error');

export interface Cell {
    readonly row: Row;
    readonly moment: Moment;
    readonly outcome: Outcome;
}

export const CELLS: readonly Cell[] = ROWS.flatMap((row) =>
    (Object.keys(MOMENTS) as Moment[]).flatMap((moment) => {
        const { outcome, unlike = {} } = row;
        const own = moment in unlike ? unlike[moment] : outcome;
        return own ? [{ row, moment, outcome: own }] : [];
    }),
);
