import axios, { type AxiosInstance } from 'axios';
import { expectTypeOf } from 'expect-type';
import {
    attachTokenCreator,
    clientSecretBasic,
    createClientTokenCreator,
    createDeviceTokenCreator,
    createTokenSource,
    createUserTokenCreator,
    introspectToken,
    withRefreshToken,
    type AccessToken,
    type Client,
    type DeviceAuthorization,
    type IntrospectionResponse,
    type TokenCreator,
    type TokenCreatorContext,
    type TokenEvent,
    type TokenGrantResponse,
    type TokenParameters,
    type TokenRequest,
} from '../../src/index.js';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';

// What users need not write: parameters of functions that they hand in, and what comes out.
declare const api: AxiosInstance;
const client = { baseURL: 'https://auth.example.com' };
const creator = createClientTokenCreator({ id: 'x', secret: 'y' }, { client });

expectTypeOf(creator).toEqualTypeOf<TokenCreator>();
export async function aGrantIsTyped(): Promise<void> {
    const { access_token, expires_in, refresh_token, tenant } = await creator();
    expectTypeOf(access_token).toEqualTypeOf<string>();
    expectTypeOf(expires_in).toEqualTypeOf<number | undefined>();
    expectTypeOf(refresh_token).toEqualTypeOf<string | undefined>();
    expectTypeOf(tenant).toEqualTypeOf<unknown>();
}

export async function aTokenIsTyped(): Promise<void> {
    const { source } = attachTokenCreator(api, creator);
    const { value, type, expiresAt, grant } = await source.getToken();
    expectTypeOf(value).toEqualTypeOf<string>();
    expectTypeOf(type).toEqualTypeOf<string>();
    expectTypeOf(expiresAt).toEqualTypeOf<number | undefined>();
    expectTypeOf(grant).toEqualTypeOf<TokenGrantResponse>();
    expectTypeOf(source.current()).toEqualTypeOf<AccessToken | undefined>();
    expectTypeOf(source).toEqualTypeOf(createTokenSource(creator));
    expectTypeOf(source.clear({ revoke: true })).toEqualTypeOf<Promise<void>>();
    expectTypeOf(await introspectToken(value, { client })).toEqualTypeOf<IntrospectionResponse>();
}

// A context is known where a creator is written in place.
export const ownCreators: TokenCreator[] = [
    async (context) => {
        expectTypeOf(context).toEqualTypeOf<TokenCreatorContext | undefined>();
        return { access_token: context?.previous?.access_token ?? 'x', token_type: 'Bearer' };
    },
    // More than a grant needs, from a login that is typed otherwise.
    async () => ({ ...(await axios.post<{ user: string }>('/login')).data, access_token: 'x', token_type: 'Bearer' }),
];

export function whatIsHandedInIsKnown(): void {
    attachTokenCreator(api, creator, {
        appliesTo: (config) => {
            expectTypeOf(config).toEqualTypeOf<InternalAxiosRequestConfig>();
            return config.url !== '/public';
        },
        isRejected: (response) => {
            expectTypeOf(response).toEqualTypeOf<AxiosResponse<unknown>>();
            return response.status === 419;
        },
        onEvent: (event) => expectTypeOf(event).toEqualTypeOf<TokenEvent>(),
        revoke: async (grant) => {
            expectTypeOf(grant).toEqualTypeOf<TokenGrantResponse>();
        },
    });
    createClientTokenCreator(
        { id: 'x', secret: 'y' },
        {
            client,
            clientAuthentication: async (request, who) => {
                expectTypeOf(request).toEqualTypeOf<TokenRequest>();
                expectTypeOf(who).toEqualTypeOf<Client>();
                return clientSecretBasic(request, who);
            },
        },
    );
    createUserTokenCreator(
        { name: 'x', password: 'y' },
        {
            client,
            onRefreshToken: (grant, parameters) => {
                expectTypeOf(grant).toEqualTypeOf<TokenGrantResponse>();
                expectTypeOf(parameters).toEqualTypeOf<TokenParameters | undefined>();
            },
        },
    );
    createDeviceTokenCreator(
        { onUserCode: (authorization) => expectTypeOf(authorization).toExtend<DeviceAuthorization>() },
        { client, clientId: 'x' },
    );
    withRefreshToken(creator, {
        refresh: async (refreshToken, context) => {
            expectTypeOf(refreshToken).toEqualTypeOf<string>();
            expectTypeOf(context).toEqualTypeOf<TokenCreatorContext | undefined>();
            return { access_token: 'x', token_type: 'Bearer' };
        },
    });
}
