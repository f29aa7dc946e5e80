import { expectTypeOf } from 'expect-type';
import {
    parseChallenges,
    TokenEndpointError,
    type TokenError,
    type TokenResponseError,
    type AccessToken,
    type Challenge,
    type TokenCreatorContext,
    type TokenErrorCode,
    type TokenEvent,
    type TokenGrantResponse,
    type TokenSource,
} from '../../src/index.js';

declare const source: TokenSource;
declare const token: AccessToken;

// The source.
expectTypeOf(source.getToken()).toEqualTypeOf<Promise<AccessToken>>();
expectTypeOf(source.getToken({ signal: new AbortController().signal })).toEqualTypeOf<Promise<AccessToken>>();
expectTypeOf(source.current()).toEqualTypeOf<AccessToken | undefined>();
expectTypeOf(source.clear()).toEqualTypeOf<void>();
expectTypeOf(source.subscribe(() => {})).toEqualTypeOf<() => void>();
expectTypeOf<TokenSource['subscribe']>().parameter(0).parameter(0).toEqualTypeOf<TokenEvent>();
expectTypeOf(source.reject(token, {})).extract<undefined>().toEqualTypeOf<undefined>();
expectTypeOf(source.reject(token, { status: 401, challenges: parseChallenges('Bearer') }))
    .exclude<undefined>()
    .toHaveProperty('succeeded')
    .toBeCallableWith();

// A token can only be read.
expectTypeOf<AccessToken>().toEqualTypeOf<Readonly<AccessToken>>();
expectTypeOf<AccessToken['value']>().toEqualTypeOf<string>();
expectTypeOf<AccessToken['type']>().toEqualTypeOf<string>();
expectTypeOf<AccessToken['expiresAt']>().toEqualTypeOf<number | undefined>();
expectTypeOf<AccessToken['grant']>().toEqualTypeOf<TokenGrantResponse>();

export function aTokenCanOnlyBeRead(): void {
    // @ts-expect-error readonly
    token.value = 'another';
    // @ts-expect-error readonly
    token.type = 'DPoP';
    // @ts-expect-error readonly
    token.expiresAt = 0;
    // @ts-expect-error readonly
    token.grant = { access_token: 'another', token_type: 'Bearer' };
}

// Challenges.
expectTypeOf(parseChallenges).toEqualTypeOf<(header: string) => Challenge[]>();
expectTypeOf<Challenge['scheme']>().toEqualTypeOf<string>();
expectTypeOf<Challenge['parameters'][string]>().toExtend<string | undefined>();

// Events are told apart by their type.
expectTypeOf<TokenEvent['type']>().toEqualTypeOf<
    'creating' | 'created' | 'failed' | 'rejected' | 'replayed' | 'cleared'
>();
export function eventsAreToldApartByTheirType(event: TokenEvent): void {
    // @ts-expect-error only some events have a reason
    void event.reason;
    switch (event.type) {
        case 'creating':
            expectTypeOf(event.reason).toEqualTypeOf<TokenCreatorContext['reason']>();
            // @ts-expect-error not known yet
            void event.durationMs;
            break;
        case 'created':
            expectTypeOf(event.reason).toEqualTypeOf<TokenCreatorContext['reason']>();
            expectTypeOf(event.durationMs).toEqualTypeOf<number>();
            expectTypeOf(event.expiresAt).toEqualTypeOf<number | undefined>();
            // @ts-expect-error no event holds a token
            void event.token;
            break;
        case 'failed':
            expectTypeOf(event.reason).toEqualTypeOf<TokenCreatorContext['reason']>();
            expectTypeOf(event.error).toEqualTypeOf<unknown>();
            expectTypeOf(event.nextAttemptAt).toEqualTypeOf<number | undefined>();
            break;
        case 'rejected':
            expectTypeOf(event.status).toEqualTypeOf<number | undefined>();
            break;
        case 'replayed':
            expectTypeOf(event.status).toEqualTypeOf<number | undefined>();
            expectTypeOf(event.recovered).toEqualTypeOf<boolean>();
            break;
        case 'cleared':
            expectTypeOf(event).toEqualTypeOf<{ readonly type: 'cleared' }>();
            break;
        default:
            expectTypeOf(event).toBeNever();
    }
}
export function anEventCanOnlyBeRead(event: TokenEvent): void {
    // @ts-expect-error readonly
    event.type = 'cleared';
}

// Errors are told apart by their class or their code.
expectTypeOf<TokenErrorCode>().toEqualTypeOf<
    'network' | 'timeout' | 'cleared' | 'endpoint' | 'response' | 'uncoordinated'
>();
expectTypeOf<TokenError>().toExtend<Error>();
expectTypeOf<TokenEndpointError>().toExtend<TokenError>();
expectTypeOf<TokenResponseError>().toExtend<TokenError>();
export function errorsAreToldApartByTheirClass(error: unknown): void {
    if (error instanceof TokenEndpointError) {
        expectTypeOf(error.code).toEqualTypeOf<TokenErrorCode>();
        expectTypeOf(error.status).toEqualTypeOf<number>();
        expectTypeOf(error.error).toEqualTypeOf<string | undefined>();
        expectTypeOf(error.errorDescription).toEqualTypeOf<string | undefined>();
        expectTypeOf(error.errorUri).toEqualTypeOf<string | undefined>();
        expectTypeOf(error.vendorCode).toEqualTypeOf<string | undefined>();
        expectTypeOf(error.retryAfter).toEqualTypeOf<number | undefined>();
    }
}
