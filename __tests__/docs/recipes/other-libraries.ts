import type { TokenCredential } from '@azure/core-auth';
import type { OAuth2Client } from 'google-auth-library';
import type { Challenge, TokenCreator } from '../../../src/index.js';

/** Any credential of `@azure/identity`, for example. */
export function fromAzureCredential(credential: TokenCredential, scope: string): TokenCreator {
    return async (context) => {
        const scopes = context?.parameters?.scope ?? scope;
        const claims = context?.challenges?.map(claimsOf).find(Boolean);
        const token = await credential.getToken(scopes, { abortSignal: context?.signal, claims, enableCae: true });
        if (!token) throw new Error('the credential gave no token');
        const expires_in = (token.expiresOnTimestamp - Date.now()) / 1000;
        return { access_token: token.token, token_type: token.tokenType ?? 'Bearer', expires_in };
    };
}

/** What an API with Continuous Access Evaluation wants to be sure of. */
function claimsOf({ parameters }: Challenge): string | undefined {
    const { error, claims } = parameters;
    return error === 'insufficient_claims' && claims ? Buffer.from(claims, 'base64').toString() : undefined;
}

/** `OAuth2Client`, or what extends it: `JWT`, `Compute`, `UserRefreshClient`. */
export function fromGoogleClient(client: OAuth2Client): TokenCreator {
    return async (context) => {
        // It would give the same token until that expires; so would what a JWT client keeps beneath.
        const forgotten = { access_token: null, expiry_date: 1 };
        if (context?.reason !== 'missing') client.setCredentials({ ...client.credentials, ...forgotten });
        const { token } = await client.getAccessToken().catch(withoutCredentials);
        if (!token) throw new Error('Google gave no token');
        const { expiry_date: expiry } = client.credentials;
        return {
            access_token: token,
            token_type: 'Bearer',
            ...(expiry && { expires_in: (expiry - Date.now()) / 1000 }),
        };
    };
}

/** The library's own error holds the request, and so the refresh token or the assertion. */
function withoutCredentials(error: Error & { status?: number }): never {
    throw Object.assign(new Error(`Google refused: ${error.message}`), { status: error.status });
}
