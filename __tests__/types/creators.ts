import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { expectTypeOf } from 'expect-type';
import {
    createClientTokenCreator,
    createRobotTokenCreator,
    createUserTokenCreator,
    type Challenge,
    type ClientCredentials,
    type ClientOptions,
    type RobotCredentials,
    type TokenCreator,
    type TokenCreatorContext,
    type TokenEndpointOptions,
    type TokenGrantResponse,
    type TokenSource,
    type UserCredentials,
    type UserTokenCreatorOptions,
} from '../../src/index.js';

declare const creator: TokenCreator;
declare const context: TokenCreatorContext;

// A creator stands alone, and takes a context.
expectTypeOf(creator()).toEqualTypeOf<Promise<TokenGrantResponse>>();
expectTypeOf(creator(context)).toEqualTypeOf<Promise<TokenGrantResponse>>();
expectTypeOf<Parameters<TokenCreator>>().toEqualTypeOf<[context?: TokenCreatorContext]>();

// A function of one's own is a creator, with or without the context.
expectTypeOf(async () => ({ access_token: 'x', token_type: 'Bearer' })).toExtend<TokenCreator>();
expectTypeOf(async () => ({
    access_token: 'x',
    token_type: 'Bearer',
    expires_in: 60,
    tenant: 7,
})).toExtend<TokenCreator>();
expectTypeOf(async (given?: TokenCreatorContext) => ({
    access_token: given?.previous?.refresh_token ?? 'x',
    token_type: 'Bearer',
})).toExtend<TokenCreator>();
expectTypeOf(async () => ({ token_type: 'Bearer' })).not.toExtend<TokenCreator>();
expectTypeOf(async () => 'x').not.toExtend<TokenCreator>();
expectTypeOf(() => ({ access_token: 'x', token_type: 'Bearer' })).not.toExtend<TokenCreator>();
expectTypeOf(async (given: string) => ({ access_token: given, token_type: 'Bearer' })).not.toExtend<TokenCreator>();

// The context.
expectTypeOf<TokenCreatorContext['reason']>().toEqualTypeOf<'missing' | 'expired' | 'rejected' | 'ahead'>();
expectTypeOf<TokenCreatorContext['previous']>().toEqualTypeOf<TokenGrantResponse | undefined>();
expectTypeOf<TokenCreatorContext['challenges']>().toEqualTypeOf<Challenge[] | undefined>();
expectTypeOf<TokenCreatorContext['signal']>().toEqualTypeOf<AbortSignal>();
expectTypeOf<TokenCreatorContext['source']>().toEqualTypeOf<Pick<TokenSource, 'clear' | 'subscribe'> | undefined>();

// A grant, with the names of the wire.
expectTypeOf<TokenGrantResponse['access_token']>().toEqualTypeOf<string>();
expectTypeOf<TokenGrantResponse['token_type']>().toEqualTypeOf<string>();
expectTypeOf<TokenGrantResponse['expires_in']>().toEqualTypeOf<number | undefined>();
expectTypeOf<TokenGrantResponse['refresh_token']>().toEqualTypeOf<string | undefined>();
expectTypeOf<TokenGrantResponse['refresh_token_expires_in']>().toEqualTypeOf<number | undefined>();
expectTypeOf<TokenGrantResponse['scope']>().toEqualTypeOf<string | undefined>();
expectTypeOf<TokenGrantResponse['id_token']>().toEqualTypeOf<string | undefined>();
expectTypeOf<TokenGrantResponse['anything_else']>().toEqualTypeOf<unknown>();

// The creators of this package.
expectTypeOf(createUserTokenCreator).parameters.toEqualTypeOf<
    [credentials: UserCredentials, options?: UserTokenCreatorOptions]
>();
expectTypeOf(createRobotTokenCreator).parameters.toEqualTypeOf<
    [credentials: RobotCredentials, options?: TokenEndpointOptions & ClientOptions]
>();
expectTypeOf(createClientTokenCreator).parameters.toEqualTypeOf<
    [credentials: ClientCredentials, options?: TokenEndpointOptions]
>();
expectTypeOf(createUserTokenCreator).returns.toEqualTypeOf<TokenCreator>();
expectTypeOf(createRobotTokenCreator).returns.toEqualTypeOf<TokenCreator>();
expectTypeOf(createClientTokenCreator).returns.toEqualTypeOf<TokenCreator>();

expectTypeOf({ name: 'admin', password: 'x' }).toExtend<UserCredentials>();
expectTypeOf({ name: 'admin', password: 'x', realmId: 'r', realmName: 'r' }).toExtend<UserCredentials>();
expectTypeOf({ name: 'admin' }).not.toExtend<UserCredentials>();
expectTypeOf({ id: 'x', secret: 'y' }).toExtend<RobotCredentials & ClientCredentials>();
expectTypeOf({ id: 'x' }).not.toExtend<RobotCredentials>();
expectTypeOf({ id: 'x' }).toExtend<ClientCredentials>();
expectTypeOf({ secret: 'x' }).not.toExtend<ClientCredentials>();

// The client is a config or an instance; the token endpoint is a string or a URL.
expectTypeOf<NonNullable<TokenEndpointOptions['client']>>().toEqualTypeOf<AxiosRequestConfig | AxiosInstance>();
expectTypeOf<TokenEndpointOptions['tokenEndpoint']>().toEqualTypeOf<string | URL | undefined>();
expectTypeOf({ client: { baseURL: 'http://localhost:3010' } }).toExtend<TokenEndpointOptions>();
expectTypeOf({ client: axios.create() }).toExtend<TokenEndpointOptions>();
expectTypeOf({ client: axios }).toExtend<TokenEndpointOptions>();
expectTypeOf({ client: 'http://localhost:3010' }).not.toExtend<TokenEndpointOptions>();

export const unknownCredentialsAreRefused = (): TokenCreator =>
    // @ts-expect-error the fields have the names of this package, not those of the wire
    createUserTokenCreator({ username: 'admin', password: 'x' }, {});
export const unknownOptionsAreRefused = (): TokenCreator =>
    // @ts-expect-error the base belongs to the client
    createClientTokenCreator({ id: 'x', secret: 'y' }, { baseURL: 'http://localhost:3010' });
