import axios, {
    type AxiosInstance,
    type AxiosRequestConfig,
    type AxiosResponse,
    type InternalAxiosRequestConfig,
} from 'axios';
import { expectTypeOf } from 'expect-type';
import {
    attachTokenCreator,
    createTokenSource,
    isAuthupRejection,
    type AttachOptions,
    type TokenAttachment,
    type TokenCreator,
    type TokenSource,
    type TokenSourceOptions,
} from '../../src/index.js';

declare const api: AxiosInstance;
declare const creator: TokenCreator;
declare const source: TokenSource;

// A creator or a source, on an instance or on the global axios.
expectTypeOf(attachTokenCreator).parameters.toEqualTypeOf<
    [client: AxiosInstance, creator: TokenCreator | TokenSource, options?: AttachOptions]
>();
expectTypeOf(attachTokenCreator).returns.toEqualTypeOf<TokenAttachment>();
expectTypeOf(attachTokenCreator).toBeCallableWith(api, creator);
expectTypeOf(attachTokenCreator).toBeCallableWith(axios, source, { origins: ['https://api.example'] });
expectTypeOf(attachTokenCreator).toBeCallableWith(api, async () => ({ access_token: 'x', token_type: 'Bearer' }));
expectTypeOf<TokenAttachment>().toEqualTypeOf<{ readonly source: TokenSource; detach(): void }>();

// The options.
expectTypeOf<AttachOptions['origins']>().toEqualTypeOf<readonly (string | URL)[] | '*' | undefined>();
expectTypeOf({ origins: ['https://api.example', new URL('https://b.example')] as const }).toExtend<AttachOptions>();
expectTypeOf({ origins: '*' as const }).toExtend<AttachOptions>();
expectTypeOf({ origins: 'https://api.example' as const }).not.toExtend<AttachOptions>();
expectTypeOf<NonNullable<AttachOptions['appliesTo']>>().toEqualTypeOf<
    (config: InternalAxiosRequestConfig) => boolean
>();
expectTypeOf<NonNullable<AttachOptions['isRejected']>>().returns.toEqualTypeOf<boolean>();
expectTypeOf<NonNullable<AttachOptions['isRejected']>>().parameter(0).toExtend<AxiosResponse<unknown>>();
expectTypeOf(isAuthupRejection).toExtend<NonNullable<AttachOptions['isRejected']>>();
expectTypeOf<AttachOptions>().toExtend<TokenSourceOptions>();
expectTypeOf<Required<TokenSourceOptions>>().toHaveProperty('refreshAhead').toEqualTypeOf<number>();
expectTypeOf<Required<TokenSourceOptions>>().toHaveProperty('expiryLeeway').toEqualTypeOf<number>();
expectTypeOf<Required<TokenSourceOptions>>().toHaveProperty('creationTimeout').toEqualTypeOf<number>();
expectTypeOf(createTokenSource).parameters.toEqualTypeOf<[creator: TokenCreator, options?: TokenSourceOptions]>();
expectTypeOf(createTokenSource).returns.toEqualTypeOf<TokenSource>();

// A request says no with `false`, and with nothing else.
expectTypeOf({ tokenCreator: false as const }).toExtend<AxiosRequestConfig>();
expectTypeOf({ tokenCreator: undefined }).toExtend<AxiosRequestConfig>();
expectTypeOf({ tokenCreator: true as const }).not.toExtend<AxiosRequestConfig>();
expectTypeOf({ tokenCreator: 'no' }).not.toExtend<AxiosRequestConfig>();
expectTypeOf({ tokenCreator: false as const }).toExtend<Partial<InternalAxiosRequestConfig>>();

export const aRequestMayGoWithoutToken = (): Promise<AxiosResponse>[] => [
    api.get('/x', { tokenCreator: false }),
    api.post('/x', {}, { tokenCreator: false }),
    api.request({ url: '/x', tokenCreator: false }),
    axios.get('/x', { tokenCreator: false }),
];
// @ts-expect-error a token is the rule: there is nothing to switch on
export const aRequestDoesNotAskForIt = (): Promise<AxiosResponse> => api.get('/x', { tokenCreator: true });
export const aSourceIsNoInstance = (): TokenAttachment =>
    // @ts-expect-error the instance comes first
    attachTokenCreator(creator, api);
export const unknownOptionsAreRefused = (): TokenAttachment =>
    // @ts-expect-error it is `origins`
    attachTokenCreator(api, creator, { origin: 'https://api.example' });
