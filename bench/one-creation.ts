import axios, { type AxiosAdapter, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createClientTokenCreator, type TokenCreator, type TokenGrantResponse } from '../src/index.js';
import { attachCounted, createAlone, CREATION_TIME, RESPONSE_TIME } from './creation.js';
import { answerLater, authorizationOf, InMemoryAgent } from './in-process.js';
import { startServer } from './loopback.js';
import {
    burst,
    interleave,
    promises,
    spread,
    type Benchmark,
    type Burst,
    type CreatingBurst,
    type Figure,
} from './measure.js';

// Many requests at the same time on a client that has no token yet: all wait for one creation. Their time is compared
// with what cannot be avoided: the same requests alone, with a static header, plus one creation alone. The two overlap
// (requests are prepared while the token is created), so a ratio below 1 is possible; the processor time, which
// nothing hides, is given beside it. So is what a bare gate costs, an interceptor that does nothing but wait for one
// promise that all share: a library can hardly get below that. Over sockets the processor time is that of the server as well.

interface Round {
    readonly alone: Burst;
    readonly again: Burst;
    readonly creation: Burst;
    readonly gated: Burst;
    readonly attached: CreatingBurst;
}

interface Stage {
    readonly count: number;
    /** A client with a static header. */
    readonly header: AxiosInstance;
    /** A client without one. */
    readonly bare: () => AxiosInstance;
    readonly create: TokenCreator;
    readonly sentWithoutToken: () => number | Promise<number>;
}

/** Makes all requests of a client wait for one grant, and nothing else. */
function gate(client: AxiosInstance, create: TokenCreator): AxiosInstance {
    let grant: Promise<TokenGrantResponse> | undefined;
    const authorize = (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig => {
        const send = axios.getAdapter(config.adapter);
        config.adapter = (sent) =>
            (grant ??= create()).then(({ access_token }) => {
                sent.headers['Authorization'] = `Bearer ${access_token}`;
                return send(sent);
            });
        return config;
    };
    client.interceptors.request.use(authorize, undefined, { synchronous: true });
    return client;
}

async function measure(name: string, stage: Stage, rounds: number): Promise<Figure[]> {
    const { count, header, bare, create } = stage;
    const sendAlone = (): Promise<Burst> => burst(count, () => header.get('/things/1'));
    const loads = {
        alone: sendAlone,
        again: sendAlone,
        gated: () => {
            const client = gate(bare(), create);
            return burst(count, () => client.get('/things/1'));
        },
        creation: () => createAlone(create),
        attached: async (): Promise<CreatingBurst> => {
            const client = bare();
            const creations = attachCounted(client, create);
            const sent = await burst(count, () => client.get('/things/1'));
            return { ...sent, creations: creations() };
        },
    };
    await interleave(1, loads);
    const results = (await interleave<keyof Round, Round[keyof Round]>(rounds, loads)) as unknown as Round[];
    const all = (figure: (round: Round) => number): number[] => results.map(figure);

    const bursts = results.map(({ attached }) => attached);
    return [
        ...promises(name, bursts, await stage.sentWithoutToken()),
        {
            name: `${name}: time / (alone + creation)`,
            unit: 'x',
            measured: spread(all(({ attached, alone, creation }) => attached.ms / (alone.ms + creation.ms))),
            control: spread(all(({ again, alone, creation }) => (again.ms + creation.ms) / (alone.ms + creation.ms))),
            target: { atMost: 1.1 },
        },
        {
            name: `${name}: the same of a bare gate`,
            unit: 'x',
            measured: spread(all(({ gated, alone, creation }) => gated.ms / (alone.ms + creation.ms))),
        },
        {
            name: `${name}: processor time / alone`,
            unit: 'x',
            measured: spread(all(({ attached, alone }) => attached.cpuMs / alone.cpuMs)),
            control: spread(all(({ again, alone }) => again.cpuMs / alone.cpuMs)),
        },
    ];
}

const BASE_URL = 'http://api.localhost';
const createSlowly: TokenCreator = () =>
    delay(CREATION_TIME, { access_token: 'token', token_type: 'Bearer', expires_in: 3_600 });

async function throughFunction(count: number, rounds: number): Promise<Figure[]> {
    let sentWithoutToken = 0;
    const adapter: AxiosAdapter = answerLater((config) => {
        if (!authorizationOf(config)) sentWithoutToken += 1;
        return { status: 200, ms: RESPONSE_TIME };
    });
    const stage: Stage = {
        count,
        header: axios.create({ adapter, baseURL: BASE_URL, headers: { Authorization: 'Bearer token' } }),
        bare: () => axios.create({ adapter, baseURL: BASE_URL }),
        create: createSlowly,
        sentWithoutToken: () => sentWithoutToken,
    };
    return measure(`${count.toLocaleString('en')}, function adapter`, stage, rounds);
}

/** The http adapter, over 100 connections in memory that answer at once. */
async function throughHttp(count: number, rounds: number): Promise<Figure[]> {
    const httpAgent = new InMemoryAgent({ maxSockets: 100 });
    const stage: Stage = {
        count,
        header: axios.create({ httpAgent, baseURL: BASE_URL, headers: { Authorization: 'Bearer token' } }),
        bare: () => axios.create({ httpAgent, baseURL: BASE_URL }),
        create: createSlowly,
        sentWithoutToken: () => httpAgent.seen.withoutToken,
    };
    return measure(`${count.toLocaleString('en')}, http adapter`, stage, rounds);
}

async function overSockets(count: number, rounds: number): Promise<Figure[]> {
    const server = await startServer({ lifetime: 3_600, creationTime: CREATION_TIME });
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 100 });
    const { baseURL } = server;
    const create = createClientTokenCreator({ id: 'bench', secret: 'secret' }, { client: { baseURL, proxy: false } });
    try {
        const stage: Stage = {
            count,
            header: axios.create({
                httpAgent,
                baseURL,
                proxy: false,
                headers: { Authorization: 'Bearer static' },
            }),
            bare: () => axios.create({ httpAgent, baseURL, proxy: false }),
            create,
            sentWithoutToken: async () => (await server.counts()).withoutToken,
        };
        return await measure(`${count.toLocaleString('en')} over sockets`, stage, rounds);
    } finally {
        httpAgent.destroy();
        await server.stop();
    }
}

export const oneCreation: Benchmark = async ({ quick }) => [
    ...(await (quick ? throughFunction(3_000, 3) : throughFunction(10_000, 7))),
    ...(await (quick ? throughHttp(1_000, 3) : throughHttp(10_000, 3))),
    ...(await (quick ? overSockets(300, 3) : overSockets(1_000, 15))),
];
