import type { AccessToken, TokenCredential } from '@azure/core-auth';
import {
    bearerTokenAuthenticationPolicy,
    createDefaultHttpClient,
    createPipelineFromOptions,
    createPipelineRequest,
    type Agent,
    type AuthorizeRequestOnChallengeOptions,
    type HttpClient,
    type Pipeline,
} from '@azure/core-rest-pipeline';
import type { Client, Subject, World } from '../subject.js';

// README, "Pipelines" (`createPipelineFromOptions`), with bearerTokenAuthenticationPolicy in the phase where Azure's own
// clients have it; the policy caches the token. Choices:
// - It permits https URLs alone: requests are given such a URL, and the HTTP client, behind all policies, sends them in
//   plain text, which needs `allowInsecureConnection` besides. The floor does the same.
// - By itself it heals no 401 but those of Azure's Continuous Access Evaluation. `challengeCallbacks` of its options are
//   there for other challenges: the one below asks the policy's cache for a token with claims, which is what makes the
//   cache drop the one it has. Without it, every request with a revoked token fails until the token expires.
// - The credential is the shortest that there can be: one fetch, without retries of its own.

const SCOPE = 'api';

/** @public It is what the entry below names. */
export function createCredential({ tokenEndpoint, clientId, clientSecret }: World): TokenCredential {
    return {
        async getToken(): Promise<AccessToken> {
            const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
            const response = await fetch(tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) });
            if (!response.ok) throw new Error(`The token endpoint answered with status ${response.status}.`);
            const grant = (await response.json()) as { access_token: string; expires_in: number };
            return { token: grant.access_token, expiresOnTimestamp: Date.now() + grant.expires_in * 1_000 };
        },
    };
}

async function authorizeRequestOnChallenge(options: AuthorizeRequestOnChallengeOptions): Promise<boolean> {
    const { scopes, request, getAccessToken } = options;
    const accessToken = await getAccessToken(scopes, { claims: '{}' });
    if (!accessToken) return false;
    request.headers.set('Authorization', `Bearer ${accessToken.token}`);
    return true;
}

function inPlainText(client: HttpClient): HttpClient {
    return {
        async sendRequest(request) {
            const { url } = request;
            request.url = url.replace(/^https:/, 'http:');
            try {
                return await client.sendRequest(request);
            } finally {
                request.url = url;
            }
        },
    };
}

function createPipeline({ axios }: World): Pipeline {
    const agent = axios.httpAgent as Agent | undefined;
    return createPipelineFromOptions(agent ? { agent } : {});
}

function clientOf({ baseURL }: World, pipeline: Pipeline, headers: Record<string, string> = {}): Client {
    const http = inPlainText(createDefaultHttpClient());
    const base = baseURL.replace(/^http:/, 'https:');
    return {
        async get(path) {
            const request = createPipelineRequest({ url: base + path, allowInsecureConnection: true });
            for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
            const { status } = await pipeline.sendRequest(http, request);
            return status;
        },
    };
}

export const azureCoreRestPipeline: Subject = {
    name: '@azure/core-rest-pipeline',
    packages: ['@azure/core-rest-pipeline', '@azure/core-auth'],
    http: 'own',
    create(world) {
        const pipeline = createPipeline(world);
        const policy = bearerTokenAuthenticationPolicy({
            credential: createCredential(world),
            scopes: SCOPE,
            challengeCallbacks: { authorizeRequestOnChallenge },
        });
        pipeline.addPolicy(policy, { phase: 'Sign' });
        return clientOf(world, pipeline);
    },
    createFloor: (world, token) => clientOf(world, createPipeline(world), { Authorization: `Bearer ${token}` }),
    // With the pipeline, which nobody has otherwise, and the credential, which is left to its user.
    entry: `
import {
    bearerTokenAuthenticationPolicy,
    createDefaultHttpClient,
    createPipelineFromOptions,
    createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { createCredential } from './bench/subjects/azure-core-rest-pipeline.js';
globalThis.used = {
    bearerTokenAuthenticationPolicy,
    createCredential,
    createDefaultHttpClient,
    createPipelineFromOptions,
    createPipelineRequest,
};
`,
};
