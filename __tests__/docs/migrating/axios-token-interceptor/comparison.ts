import type { AxiosInstance } from 'axios';
import { SECRETS, sessionOn, type Start } from '../bed.js';
import * as facts from '../facts.js';
import * as after from './after.js';
import * as before from './before.js';

type CreateApi = (baseURL: string, tokenEndpoint: string, id: string, secret: string) => AxiosInstance;

const startClient =
    (createApi: CreateApi): Start =>
    ({ api, tokenEndpoint }) =>
        sessionOn(createApi(api.url, tokenEndpoint, 'my-client', SECRETS.client));

export const comparison: facts.Comparison = {
    before: startClient(before.createApi),
    after: startClient(after.createApi),
    facts: [
        facts.firstTogether,
        facts.revokedTogether,
        facts.aged,
        facts.outage,
        facts.otherHost,
        facts.secrets,
        facts.brokenAnswer,
    ],
};
