import {
    answer,
    drip,
    flood,
    grant,
    html,
    json,
    redirect,
    reset,
    stall,
    type Reply,
} from '../support/token-endpoint-server.js';

type Received = Parameters<Reply>[1];

/** What a hostile, or careless, authorization server puts into its answers. */
export const ANSWERED = {
    accessToken: 'canary-answered-access-token',
    refreshToken: 'canary-answered-refresh-token',
    idToken: 'canary-answered.id.token',
    deviceCode: 'canary-answered-device-code',
};

const tokens = {
    access_token: ANSWERED.accessToken,
    refresh_token: ANSWERED.refreshToken,
    id_token: ANSWERED.idToken,
    device_code: ANSWERED.deviceCode,
    token_type: 'Bearer',
};

/** All that was sent: the fields of the form, and the credentials in the header, decoded as well. */
function sentIn({ body, headers }: Received): string[] {
    const { authorization = '', dpop = '' } = headers;
    const credentials = authorization.replace(/^\w+ /, '');
    const basic = Buffer.from(credentials, 'base64').toString();
    const form = [...new URLSearchParams(body).values()];
    return [...form, credentials, basic, ...basic.split(':'), ...basic.split(':').map(unescaped), String(dpop)];
}

function unescaped(text: string): string {
    return new URLSearchParams(`a=${text}`).get('a') ?? '';
}

/** Repeats what was sent, in every place that an error may be made of. */
function echo(status: number, spell: (text: string) => string, headers = {}): Reply {
    return (response, request) => {
        const said = sentIn(request).map(spell).join(' ');
        const body = { error: said, error_description: `not ${said}!`, error_uri: said, code: said, message: said };
        return json({ ...body, said, statusCode: status }, { status, headers })(response, request);
    };
}

const plainly = (text: string): string => text;

type Faults = readonly (readonly [what: string, reply: () => Reply])[];

/** Faults that are met by the adapter, whichever that is. */
export const FAULTS_OF_THE_WIRE: Faults = [
    ['resets the connection', reset],
    ['cuts the answer within a token', () => cut(`{"access_token":"${ANSWERED.accessToken}`)],
    ['stalls within a token', stall],
    ['drips for ever', () => drip(20)],
    ['never stops', flood],
    ['redirects, with what it got in the URL', () => (to, sent) => redirect(`/?${sent.body}`, 307)(to, sent)],
    ['says 401 and repeats what it got', () => echo(401, plainly)],
];

/** Faults of what the answer says. */
export const FAULTS_OF_THE_ANSWER: Faults = [
    ['sends a page', () => html(200)],
    ['sends a page that repeats what it got', () => (to, sent) => answer(`<p>${sentIn(sent).join()}`)(to, sent)],
    ['says 400 and repeats what it got', () => echo(400, plainly)],
    ['says 401 and repeats it percent-encoded', () => echo(401, encodeURIComponent)],
    ['says 403 and repeats it as JSON', () => echo(403, JSON.stringify)],
    ['says 429 and repeats it form-encoded', () => echo(429, (text) => String(new URLSearchParams({ '': text })))],
    ['says 503 and repeats it, and when to come again', () => echo(503, plainly, { 'retry-after': '1' })],
    ['says 200 and repeats it as an error', () => echo(200, plainly)],
    ['says 500 and repeats its body', () => (to, sent) => answer(sent.body, { status: 500 })(to, sent)],
    [
        'repeats what it got in its content type',
        () => (to, sent) =>
            answer('?', { headers: { 'content-type': `text/x; a="${sent.body} ${sent.headers.authorization}"` } })(
                to,
                sent,
            ),
    ],
    [
        'sends tokens as a type that is no JSON',
        () => answer(JSON.stringify([tokens]), { headers: { 'content-type': 'x/y' } }),
    ],
    ['sends tokens in a list', () => json([tokens])],
    [
        'sends tokens with an error',
        () => json({ ...tokens, access_token: '', error: 'invalid_grant' }, { status: 400 }),
    ],
    [
        'sends a token under another name',
        () => json({ token: ANSWERED.accessToken, accessToken: ANSWERED.accessToken }),
    ],
    ['sends a token of 2 MB', () => grant({ ...tokens, access_token: ANSWERED.accessToken.repeat(70_000) })],
    ['sends a token with CR and LF', () => grant({ ...tokens, access_token: `${ANSWERED.accessToken}\r\nX-A: b` })],
    ['sends a token that is a list', () => grant({ ...tokens, access_token: [ANSWERED.accessToken] })],
    ['sends a token with a type of nonsense', () => grant({ ...tokens, token_type: [ANSWERED.accessToken] })],
    ['sends a token of a type that nobody asked for', () => grant({ ...tokens, token_type: ANSWERED.accessToken })],
];

function cut(beginning: string): Reply {
    return (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write(beginning, () => response.destroy());
    };
}
