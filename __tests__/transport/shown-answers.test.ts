import axios, { type AxiosAdapter, type AxiosResponse } from 'axios';
import { attachTokenCreator } from '../../src/index.js';
import { adapters, createIssuer, ok, useServers } from '../support/servers.js';

const serve = useServers();

const isEnumerated = (answer: AxiosResponse): boolean => Object.keys(answer).includes('request');

describe.each(adapters)('the answer that a caller gets, over %s', (adapter) => {
    it('has what plain axios gives, and its request, which is not enumerated', async () => {
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url, adapter });
        const plain = await client.get<unknown>('/me');
        attachTokenCreator(client, createIssuer().creator);

        const answer = await client.get<unknown>('/me');

        expect([isEnumerated(plain), isEnumerated(answer)]).toEqual([true, false]);
        expect(Object.keys(answer).sort()).toEqual(
            Object.keys(plain)
                .filter((name) => name !== 'request')
                .sort(),
        );
        expect(answer).toMatchObject({ status: plain.status, statusText: plain.statusText, data: plain.data });
        const constructors = [answer, plain].map(({ request }) => (request as object).constructor);
        expect(constructors[0]).toBe(constructors[1]);
    });
});

const MARK = Symbol('mark');

type Made = Partial<AxiosResponse> & { took: number; [MARK]: number };

const withoutRequest = (config: AxiosResponse['config']): Made => ({
    data: 'x',
    status: 200,
    statusText: '',
    headers: {},
    config,
    took: 5,
    [MARK]: 6,
});
const withRequest = (config: AxiosResponse['config']): Made => ({ ...withoutRequest(config), request: { a: 1 } });

/** The answer to a request whose adapter gives that, an adapter of axios's own or of the user. */
async function answered(make: (config: AxiosResponse['config']) => Made, isNamed: boolean): Promise<AxiosResponse> {
    const send: AxiosAdapter = async (config) => make(config) as unknown as AxiosResponse;
    const client = axios.create({ baseURL: 'http://api.invalid', adapter: isNamed ? 'http' : send });
    attachTokenCreator(client, createIssuer().creator);
    const known = jest.spyOn(axios, 'getAdapter').mockReturnValue(send);
    try {
        return await client.get('/me');
    } finally {
        known.mockRestore();
    }
}

describe('an answer with more than axios gives', () => {
    it('keeps it, from an adapter that was named', async () => {
        const answer = await answered(withRequest, true);

        expect(answer).toMatchObject({ took: 5, [MARK]: 6, request: { a: 1 } });
        expect(isEnumerated(answer)).toBe(false);
    });

    it('may have no request at all', async () => {
        const answer = await answered(withoutRequest, true);

        expect(answer).toMatchObject({ status: 200, took: 5 });
        expect(answer.request).toBeUndefined();
    });

    it('is the very object that an adapter of the user gave', async () => {
        const given: Made[] = [];

        const answer = await answered((config) => given[given.push(withRequest(config)) - 1] as Made, false);

        expect(answer).toBe(given[0]);
        expect(answer).toMatchObject({ took: 5, [MARK]: 6, request: { a: 1 } });
        expect(isEnumerated(answer)).toBe(false);
    });
});
