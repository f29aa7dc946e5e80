import type { Clock } from '../clock.js';
import { tokenIn } from './arguments.js';
import type { TestEndpoint } from './faults.js';
import type { Alteration, IssuedTokens } from './issued-tokens.js';

/** An answer as it is meant to be, before a fault gets hold of it. */
export interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

/** A request, read. */
export interface ReadRequest {
    readonly method: string;
    readonly path: string;
    readonly authorization: string | undefined;
    readonly form: URLSearchParams;
    /** What a fault makes of the grant. */
    readonly alter: Alteration;
}

/** What is counted as it happens. */
interface Counts {
    readonly arrived: Record<TestEndpoint, number>;
    readonly byGrantType: Map<string, number>;
    refusedTokenRequests: number;
    refusedResourceRequests: number;
    followedRedirects: number;
}

/** What the endpoints of one server share. */
export interface World {
    readonly tokens: IssuedTokens;
    readonly clock: Pick<Clock, 'now'>;
    readonly counts: Counts;
    url: string;
}

export function createCounts(): Counts {
    return {
        arrived: { token: 0, revocation: 0, introspection: 0, metadata: 0, resource: 0 },
        byGrantType: new Map(),
        refusedTokenRequests: 0,
        refusedResourceRequests: 0,
        followedRedirects: 0,
    };
}

type Route = (request: ReadRequest, world: World) => Answer;

/** Where a redirect of a fault leads. */
export const REDIRECTED = '/redirected';

// Whose user logs in once, and keeps a refresh token. Others ask again with their own credentials (RFC 6749 section 4.4.3).
const OF_USERS = ['password'];

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
    const fixed = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    return { status, headers: { ...fixed, ...headers }, body: JSON.stringify(value) };
}

function refuse(counts: Counts, error: string, error_description: string): Answer {
    counts.refusedTokenRequests += 1;
    return json(400, { error, error_description });
}

const token: Route = ({ form, alter }, { tokens, counts }) => {
    const grantType = form.get('grant_type');
    const asked = { scope: form.get('scope') ?? undefined, alter };
    if (!grantType) return refuse(counts, 'invalid_request', 'grant_type is missing');
    if (grantType !== 'refresh_token') {
        return json(200, OF_USERS.includes(grantType) ? tokens.logIn(asked) : tokens.issue(asked));
    }
    const refreshToken = form.get('refresh_token');
    if (!refreshToken) return refuse(counts, 'invalid_request', 'refresh_token is missing');
    const grant = tokens.refresh(refreshToken, asked);
    return grant ? json(200, grant) : refuse(counts, 'invalid_grant', 'the refresh token does not count');
};

const revocation: Route = ({ form }, { tokens }) => {
    tokens.revoke(form.get('token') ?? '');
    return json(200, {});
};

const introspection: Route = ({ form }, { tokens }) => {
    const record = tokens.recordOf(form.get('token') ?? '');
    if (!record) return json(200, { active: false });
    const { expiresAt, scope } = record;
    const exp = expiresAt === Infinity ? undefined : Math.ceil(expiresAt / 1_000);
    return json(200, { active: true, token_type: 'Bearer', exp, scope });
};

const metadata: Route = (_, { url }) =>
    json(200, {
        issuer: url,
        token_endpoint: `${url}/token`,
        revocation_endpoint: `${url}/token/revoke`,
        introspection_endpoint: `${url}/token/introspect`,
        response_types_supported: [],
        grant_types_supported: ['client_credentials', 'password', 'refresh_token', 'robot_credentials'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    });

/** An API that takes any live token (RFC 6750). */
const resource: Route = ({ method, path, authorization }, { tokens, counts }) => {
    const isGiven = /^Bearer /i.test(authorization ?? '');
    const record = isGiven ? tokens.recordOf(tokenIn(authorization)) : undefined;
    if (record) return json(200, { method, path, tokenNumber: record.number, scope: record.scope });
    counts.refusedResourceRequests += 1;
    const challenge = isGiven ? 'Bearer error="invalid_token"' : 'Bearer';
    return json(401, { error: isGiven ? 'invalid_token' : 'missing_token' }, { 'www-authenticate': challenge });
};

const routes: Readonly<Record<TestEndpoint, Route>> = { token, revocation, introspection, metadata, resource };

/** @returns `undefined` where there is nothing */
export function endpointAt(method: string, path: string): TestEndpoint | undefined {
    if (/^\/api(\/|$)/.test(path)) return 'resource';
    const endpoints: Readonly<Record<string, TestEndpoint>> = {
        'POST /token': 'token',
        'POST /token/revoke': 'revocation',
        'POST /token/introspect': 'introspection',
        'GET /.well-known/oauth-authorization-server': 'metadata',
        'GET /.well-known/openid-configuration': 'metadata',
    };
    return Object.hasOwn(endpoints, `${method} ${path}`) ? endpoints[`${method} ${path}`] : undefined;
}

/** Does what was asked, and tells what to answer. */
export function answerTo(endpoint: TestEndpoint | undefined, request: ReadRequest, world: World): Answer {
    if (endpoint) return routes[endpoint](request, world);
    if (request.path === REDIRECTED) world.counts.followedRedirects += 1;
    return json(404, { error: 'not_found' });
}
