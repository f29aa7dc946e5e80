import { assertionClientId, grantTypes, methodOfClientWithSecret } from './clients.js';
import type { CannedAnswer } from './exchange.js';
import { identifierOfAudience } from './resources.js';

/** oidc-provider takes a secret in the body from clients that are registered for the header, and the other way round. */
export function refuseOtherMethod(fields: URLSearchParams, authorization?: string): CannedAnswer | undefined {
    const encoded = /^basic (.*)$/i.exec(authorization ?? '')?.[1];
    const method = methodOfClientWithSecret(encoded === undefined ? (fields.get('client_id') ?? '') : idOf(encoded));
    const used = encoded === undefined ? 'client_secret_post' : 'client_secret_basic';
    if (method === undefined || method === used || (encoded === undefined && !fields.has('client_secret'))) {
        return undefined;
    }
    const body = { error: 'invalid_client', error_description: `the client is registered for ${method}` };
    const challenge = { 'www-authenticate': 'Basic realm="openid-provider", error="invalid_client"' };
    return { status: 401, headers: encoded === undefined ? {} : challenge, body };
}

/** An empty string when it is not encoded as RFC 6749 section 2.3.1 wants; oidc-provider then has the word. */
function idOf(credentials: string): string {
    const [id = ''] = Buffer.from(credentials, 'base64').toString().split(':');
    try {
        return decodeURIComponent(id.replaceAll('+', ' '));
    } catch {
        return '';
    }
}

/** The form as oidc-provider understands it. */
export function translateFields(fields: URLSearchParams, authorization?: string): URLSearchParams {
    const translated = new URLSearchParams(fields);
    for (const audience of fields.getAll('audience')) {
        translated.append('resource', identifierOfAudience(audience) ?? `urn:unknown:${encodeURIComponent(audience)}`);
    }
    translated.delete('audience');
    const hasClient = authorization !== undefined || fields.has('client_id') || fields.has('client_assertion');
    if (fields.get('grant_type') === grantTypes.jwtBearer && !hasClient) {
        translated.set('client_id', assertionClientId);
    }
    return translated;
}
