import axios, { type AxiosInstance } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import * as root from 'axios-token-creator';
import type { TokenCreator } from 'axios-token-creator';
import * as shared from 'axios-token-creator/shared';
import * as testing from 'axios-token-creator/testing';
import suite from './suite.cjs';

declare const test: (name: string, run: () => Promise<void>) => void;
declare const expect: (value: unknown) => { toBe(expected: unknown): void };

suite.defineTests({ axios, MockAdapter, root, shared, testing, test, expect });

test('what is typed compiles, and runs', async () => {
    const creator: TokenCreator = async () => ({ access_token: 'xxx', token_type: 'Bearer' });
    const api: AxiosInstance = axios.create({
        adapter: async (config) => ({ ...answer, data: config.headers, config }),
    });
    const answer = { status: 200, statusText: 'OK', headers: {} };
    root.attachTokenCreator(api, creator, { origins: '*' });
    const { data } = await api.get<{ Authorization: string }>('/x');
    expect(data.Authorization).toBe('Bearer xxx');
});
