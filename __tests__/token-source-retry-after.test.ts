import { AxiosError, AxiosHeaders, type AxiosAdapter } from 'axios';
import { createClientTokenCreator, createTokenSource, TokenEndpointError } from '../src/index.js';
import { createControlledClock, START } from './support/clock.js';
import { tries, createSourceUnderTest, fixRandom, settled, watch } from './support/deferred.js';

const HOUR = 3_600_000;

const withRetryAfter = (retryAfter: unknown): Error => Object.assign(new Error('down'), { retryAfter });

beforeEach(() => void fixRandom(0));
afterEach(() => jest.restoreAllMocks());

describe('Retry-After is always honoured', () => {
    const now = START;

    it.each([
        ['milliseconds on an error of the token endpoint', withRetryAfter(5_000), 5_000],
        ['seconds in the answer that a custom creator let through', answered('5'), 5_000],
        [
            'a date in the answer that a custom creator let through',
            answered(new Date(now + 7_000).toUTCString()),
            7_000,
        ],
        ['the headers of axios', answeredWith(AxiosHeaders.from({ 'retry-after': '5' })), 5_000],
        ['a header name in another case', answeredWith({ 'Retry-After': '5' }), 5_000],
        ['capped at 1 h, as milliseconds', withRetryAfter(24 * HOUR), HOUR],
        ['capped at 1 h, as seconds', answered('86400'), HOUR],
        ['capped at 1 h, as a date', answered(new Date(now + 24 * HOUR).toUTCString()), HOUR],
        ['capped at 1 h, however large', answered('9'.repeat(400)), HOUR],
        ['capped at 1 h, Infinity', withRetryAfter(Infinity), HOUR],
    ])('from the first failure on: %s', async (_, error, wait) => {
        const subject = createSourceUnderTest();
        const outcome = watch(subject.source.getToken());
        await subject.last().fail(error);
        expect(outcome()).toEqual({ status: 'rejected', reason: error });
        subject.clock.advance(wait - 1);
        expect(await tries(subject, error)).toBe(false);
        subject.clock.advance(1);
        expect(await tries(subject, error)).toBe(true);
    });

    it.each([
        ['zero', withRetryAfter(0)],
        ['below zero', withRetryAfter(-5_000)],
        ['not a number', withRetryAfter(NaN)],
        ['a date in the past', answered(new Date(now - 7_000).toUTCString())],
        ['garbage', answered('soon')],
        ['empty', answered('')],
        ['an answer without headers', Object.assign(new Error('down'), { response: {} })],
        ['no answer', Object.assign(new Error('down'), { response: null })],
    ])('one that asks for no wait holds nothing back: %s', async (_, error) => {
        const subject = createSourceUnderTest();
        subject.source.getToken().catch(() => {});
        await subject.last().fail(error);
        expect(await tries(subject, error)).toBe(true);
    });

    it('the longer of Retry-After and backoff counts from the third failure on', async () => {
        fixRandom(0.5);
        const subject = createSourceUnderTest();
        const third = withRetryAfter(100);
        for (const error of [new Error('down 1'), new Error('down 2'), third]) {
            subject.source.getToken().catch(() => {});
            await subject.last().fail(error);
        }
        subject.clock.advance(1_999);
        expect(await tries(subject, third)).toBe(false);
        subject.clock.advance(1);
        expect(await tries(subject, third)).toBe(true);
    });

    it.each([
        ['seconds', 'retry-after', () => '120', 120_000],
        ['a date', 'retry-after', () => new Date(Date.now() + 120_000).toUTCString(), 118_500],
        ['a header name in another case', 'Retry-After', () => '120', 120_000],
    ])('by what the token endpoint answered: %s', async (_, name, retryAfter, atLeast) => {
        let requests = 0;
        const adapter: AxiosAdapter = (config) => {
            requests += 1;
            const headers = new AxiosHeaders({ [name]: retryAfter() });
            const response = { status: 503, statusText: '', data: '', headers, config };
            return Promise.reject(new AxiosError('no', 'ERR_BAD_RESPONSE', config, {}, response));
        };
        const creator = createClientTokenCreator(
            { id: 'id', secret: 'secret' },
            { client: { baseURL: 'https://auth.example.com', adapter } },
        );
        const clock = createControlledClock();
        const source = createTokenSource(creator, { clock });
        const failure = watch(source.getToken());
        await settled();
        const outcome = failure();
        if (outcome.status !== 'rejected') throw new Error('did not fail');
        expect(outcome.reason).toBeInstanceOf(TokenEndpointError);
        clock.advance(atLeast - 1);
        await expect(source.getToken()).rejects.toBe(outcome.reason);
        expect(requests).toBe(1);
        clock.advance(120_000 - atLeast + 1);
        source.getToken().catch(() => {});
        await settled();
        expect(requests).toBe(2);
    });
});

function answeredWith(headers: object): Error {
    return Object.assign(new Error('down'), { response: { status: 503, headers } });
}

function answered(retryAfter: string): Error {
    return answeredWith({ 'retry-after': retryAfter });
}
