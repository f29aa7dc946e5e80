import {
    createClientTokenCreator,
    createRefreshTokenCreator,
    createUserTokenCreator,
    discover,
    TokenEndpointError,
    type TokenCreator,
} from '../../../src/index.js';

export function cognitoSession(domain: string, clientId: string, storage: Storage): TokenCreator {
    return createRefreshTokenCreator(
        { refreshToken: () => storage.getItem('refresh_token') ?? undefined },
        {
            tokenEndpoint: `${domain}/oauth2/token`,
            clientId,
            onRefreshToken: ({ refresh_token }) => storage.setItem('refresh_token', String(refresh_token)),
        },
    );
}

export function auth0Machine(domain: string, id: string, secret: string, audience: string): TokenCreator {
    return createClientTokenCreator({ id, secret }, { tokenEndpoint: `${domain}/oauth/token`, audience });
}

export function keycloakClient(server: string, realm: string, id: string, secret: string): TokenCreator {
    return createClientTokenCreator({ id, secret }, { issuer: discover(`${server}/realms/${realm}`) });
}

export function keycloakUser(realmUrl: string, clientId: string, name: string, password: string): TokenCreator {
    const tokenEndpoint = `${realmUrl}/protocol/openid-connect/token`;
    return createUserTokenCreator({ name, password }, { tokenEndpoint, clientId });
}

export function entraMachine(authority: string, tenant: string, id: string, secret: string, api: string): TokenCreator {
    const tokenEndpoint = `${authority}/${tenant}/oauth2/v2.0/token`;
    return createClientTokenCreator({ id, secret }, { tokenEndpoint, scope: `${api}/.default` });
}

/** `AADSTS7000215`, for example: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
export function entraCode(error: unknown): string | undefined {
    const description = error instanceof TokenEndpointError ? error.errorDescription : undefined;
    return /AADSTS\d+/.exec(description ?? '')?.[0];
}
