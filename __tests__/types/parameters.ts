import axios, {
    type AxiosInstance,
    type AxiosRequestConfig,
    type AxiosResponse,
    type CreateAxiosDefaults,
} from 'axios';
import { expectTypeOf } from 'expect-type';
import {
    parseChallenges,
    type AccessToken,
    type Challenge,
    type Replay,
    type TokenCreatorContext,
    type TokenEvent,
    type TokenParameters,
    type TokenSource,
    type TokenSourceOptions,
} from '../../src/index.js';

declare const api: AxiosInstance;
declare const source: TokenSource;
declare const token: AccessToken;

// What a token may be wanted for.
expectTypeOf<TokenParameters>().toEqualTypeOf<{
    scope?: string;
    resource?: string | readonly string[];
    audience?: string | readonly string[];
    key?: string;
    challenge?: Challenge;
}>();
expectTypeOf({}).toExtend<TokenParameters>();
expectTypeOf({ resource: ['a', 'b'] as const }).toExtend<TokenParameters>();
expectTypeOf({ audience: ['a', 'b'] }).toExtend<TokenParameters>();
expectTypeOf({ scope: 'a', resource: 'b', audience: 'c', key: 'd' } as const).toExtend<TokenParameters>();
expectTypeOf({ challenge: parseChallenges('Bearer')[0] }).toExtend<TokenParameters>();
expectTypeOf({ scope: ['a', 'b'] }).not.toExtend<TokenParameters>();
expectTypeOf({ key: 7 }).not.toExtend<TokenParameters>();
expectTypeOf({ resource: new URL('https://a.example') }).not.toExtend<TokenParameters>();
expectTypeOf({ challenge: 'Bearer' }).not.toExtend<TokenParameters>();
expectTypeOf({ challenge: parseChallenges('Bearer') }).not.toExtend<TokenParameters>();

// On a request, and in the defaults of an instance.
expectTypeOf<AxiosRequestConfig['tokenCreator']>().toEqualTypeOf<TokenParameters | false | undefined>();
expectTypeOf<CreateAxiosDefaults['tokenCreator']>().toEqualTypeOf<TokenParameters | false | undefined>();
export const aRequestSaysWhatItsTokenIsFor = (): Promise<AxiosResponse>[] => [
    api.get('/x', { tokenCreator: { scope: 'read' } }),
    api.get('/x', { tokenCreator: { key: 'tenant', resource: ['a', 'b'], audience: undefined } }),
    api.post('/x', {}, { tokenCreator: { challenge: parseChallenges('Bearer acr_values=gold')[0] } }),
    axios.create({ tokenCreator: { audience: 'a' } }).get('/x', { tokenCreator: {} }),
];
export const aRequestAsksForNothingElse = (): Promise<AxiosResponse>[] => [
    // @ts-expect-error it is `scope`, with spaces between the names
    api.get('/x', { tokenCreator: { scopes: ['read'] } }),
    // @ts-expect-error a scope is one string
    api.get('/x', { tokenCreator: { scope: ['read'] } }),
    // @ts-expect-error there is no short form for a scope
    api.get('/x', { tokenCreator: 'read' }),
    // @ts-expect-error nor a list of parameters
    api.get('/x', { tokenCreator: [{ scope: 'read' }] }),
    // @ts-expect-error only undefined stands for none
    api.get('/x', { tokenCreator: null }),
    // @ts-expect-error a key is a string
    api.get('/x', { tokenCreator: { key: 7 } }),
    // @ts-expect-error a challenge is read before it is asked for: see parseChallenges
    api.get('/x', { tokenCreator: { challenge: 'Bearer acr_values=gold' } }),
];

// On a source.
expectTypeOf<TokenSource['getToken']>().parameters.toEqualTypeOf<
    [options?: { signal?: AbortSignal; parameters?: TokenParameters }]
>();
expectTypeOf(source.getToken({ parameters: { key: 'a' } })).toEqualTypeOf<Promise<AccessToken>>();
expectTypeOf<TokenSource['current']>().parameters.toEqualTypeOf<[parameters?: TokenParameters]>();
expectTypeOf(source.current({ key: 'a' })).toEqualTypeOf<AccessToken | undefined>();
expectTypeOf<TokenSourceOptions['maxTokens']>().toEqualTypeOf<number | undefined>();
// @ts-expect-error they are named
export const getTokenNamesItsParameters = (): Promise<AccessToken> => source.getToken({ key: 'a' });
// @ts-expect-error it has no signal: it does not wait
export const currentTakesParametersOnly = (): unknown => source.current({ parameters: { key: 'a' } });

// A refusal may ask for another token instead.
expectTypeOf(source.reject(token, { status: 401 })).toEqualTypeOf<Replay | undefined>();
expectTypeOf<Replay['parameters']>().toEqualTypeOf<TokenParameters | undefined>();
export function aPermissionCanOnlyBeRead(replay: Replay): void {
    // @ts-expect-error readonly
    replay.parameters = { key: 'another' };
}

// For a creator, and on events.
expectTypeOf<TokenCreatorContext['parameters']>().toEqualTypeOf<TokenParameters | undefined>();
export function eventsTellWhichTokenTheyAreAbout(event: TokenEvent): void {
    if (event.type === 'cleared') {
        // @ts-expect-error all tokens are forgotten at once
        void event.parameters;
        return;
    }
    expectTypeOf(event.parameters).toEqualTypeOf<TokenParameters | undefined>();
    // @ts-expect-error readonly
    event.parameters = {};
}
