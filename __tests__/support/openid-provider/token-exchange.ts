import type Provider from 'oidc-provider';
import type { TokenEndpointGrantContext } from 'oidc-provider';
import { grantTypes } from './clients.js';
import type { Grants } from './grants.js';
import type { LiveToken } from './live-tokens.js';
import type { OidcProvider } from './load.js';

export const tokenTypes = {
    accessToken: 'urn:ietf:params:oauth:token-type:access_token',
    refreshToken: 'urn:ietf:params:oauth:token-type:refresh_token',
    jwt: 'urn:ietf:params:oauth:token-type:jwt',
} as const;

type Field = 'subject_token' | 'subject_token_type' | 'actor_token' | 'actor_token_type' | 'requested_token_type';

type Context = TokenEndpointGrantContext<{ [name in Field]?: string }>;

export interface TokenExchangeOptions {
    provider: Provider;
    library: OidcProvider;
    grants: Grants;
    findToken: (token: string) => Promise<LiveToken | undefined>;
}

const fields = ['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'requested_token_type'];

/** RFC 8693. Both tokens must be live access tokens of this server, the audience a resource of it. */
export function registerTokenExchange(options: TokenExchangeOptions): void {
    options.provider.registerGrantType<{ [name in Field]?: string }>(
        grantTypes.tokenExchange,
        (context) => answer(context, options),
        [...fields, 'audience', 'resource', 'scope'],
        ['resource', 'audience'],
    );
}

async function answer(context: Context, options: TokenExchangeOptions): Promise<void> {
    const { library, grants } = options;
    const { params } = context.oidc;
    const { InvalidRequest, InvalidScope } = library.oidcProvider.errors;
    const proof = await grants.checkSender(context);
    const subject = await findLive('subject_token', context, options);
    const hasActor = params.actor_token !== undefined || params.actor_token_type !== undefined;
    const actor = hasActor ? await findLive('actor_token', context, options) : undefined;
    const requested = params.requested_token_type ?? tokenTypes.accessToken;
    if (requested !== tokenTypes.accessToken) throw new InvalidRequest('requested_token_type is not supported');
    const excess = params.resource ? undefined : excessOf(params.scope, subject.scope);
    if (excess !== undefined) throw new InvalidScope('the subject token has no such scope', excess);
    if (actor) context.oidc.entity('Actor', actorClaim(actor, subject.act));
    const issue = { subject: subject.subject, grantType: 'token-exchange', defaultScope: subject.scope, proof };
    context.body = { ...(await grants.issue(context, issue)), issued_token_type: requested };
}

async function findLive(
    name: 'subject_token' | 'actor_token',
    { oidc: { params } }: Context,
    { library, findToken }: TokenExchangeOptions,
): Promise<LiveToken> {
    // RFC 8693 section 2.2.2 wants this error for tokens that are not valid, and not invalid_grant.
    const { InvalidRequest } = library.oidcProvider.errors;
    const { [name]: token, [`${name}_type` as const]: type } = params;
    if (!token || !type) throw new InvalidRequest(`missing required parameter(s) ${name}, ${name}_type`);
    const found = await findToken(token);
    if (!found) throw new InvalidRequest(`${name} is not valid`);
    const isFit = type === tokenTypes.accessToken || (type === tokenTypes.jwt && found.format === 'jwt');
    if (!isFit) throw new InvalidRequest(`${name}_type does not fit ${name}`);
    return found;
}

function excessOf(requested: string | undefined, had: string): string | undefined {
    const scopes = had.split(' ');
    return requested?.split(' ').find((name) => !scopes.includes(name));
}

/** The actor of the subject token, if it had one, comes inside (RFC 8693 section 4.1). */
function actorClaim({ subject, clientId }: LiveToken, previous: unknown) {
    return { sub: subject, client_id: clientId, ...(previous !== undefined && { act: previous }) };
}
