import axios, { type AxiosAdapter, type AxiosInstance } from 'axios';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createClientTokenCreator, type TokenCreator } from '../src/index.js';
import { attachCounted, createAlone, CREATION_TIME, RESPONSE_TIME } from './creation.js';
import { answerLater, authorizationOf } from './in-process.js';
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

// Many requests at the same time with a token that was revoked: each meets a 401, all wait for one creation, each is
// sent again. Their time is compared with what cannot be avoided: the same requests alone, refused once (static header
// of a revoked token), and answered once (static header of a valid one), plus one creation alone.
//
// With axios's own `validateStatus` a refused request of plain axios ends in an AxiosError for its caller, whose stack
// axios extends; a request that is healed never gets there. So that this gift decides nothing, there is a second
// lane in which `validateStatus` accepts any status, and no request makes an error.

interface Stage {
    readonly count: number;
    readonly valid: AxiosInstance;
    readonly revoked: AxiosInstance;
    /** A client without a static header. */
    readonly bare: () => AxiosInstance;
    readonly create: TokenCreator;
    readonly revoke: () => Promise<unknown>;
    readonly sentWithoutToken: () => number | Promise<number>;
}

const send = (client: AxiosInstance) => () => client.get<unknown>('/things/1');

async function measure(name: string, stage: Stage, rounds: number): Promise<Figure[]> {
    const { count, valid, revoked, bare, create } = stage;
    const loads = {
        alone: () => burst(count, send(valid)),
        refused: () => burst(count, send(revoked)),
        creation: () => createAlone(create),
        attached: async (): Promise<CreatingBurst> => {
            const client = bare();
            const creations = attachCounted(client, create);
            await send(client)();
            await stage.revoke();
            const sent = await burst(count, async () => {
                const { status } = await send(client)();
                if (status !== 200) throw new Error('refused in the end');
            });
            return { ...sent, creations: creations() - 1 };
        },
    };
    type Round = { [Name in keyof typeof loads]: Awaited<ReturnType<(typeof loads)[Name]>> };
    const again = { aloneAgain: loads.alone, refusedAgain: loads.refused };
    await interleave<string, Burst>(1, loads);
    const results = (await interleave<string, Burst>(rounds, { ...loads, ...again })) as unknown as (Round &
        Record<keyof typeof again, Burst>)[];
    const all = (figure: (round: (typeof results)[number]) => number): number[] => results.map(figure);
    const unavoidable = ({ alone, refused, creation }: Round): number => alone.ms + refused.ms + creation.ms;

    const bursts = results.map(({ attached }) => attached);
    return [
        ...promises(name, bursts, await stage.sentWithoutToken()),
        {
            name: `${name}: time / (refused + alone + creation)`,
            unit: 'x',
            measured: spread(all((round) => round.attached.ms / unavoidable(round))),
            control: spread(
                all((round) => {
                    const { aloneAgain, refusedAgain, creation } = round;
                    return (aloneAgain.ms + refusedAgain.ms + creation.ms) / unavoidable(round);
                }),
            ),
            target: { atMost: 1.1 },
        },
        {
            name: `${name}: processor time / (refused + alone)`,
            unit: 'x',
            measured: spread(all(({ attached, alone, refused }) => attached.cpuMs / (alone.cpuMs + refused.cpuMs))),
            control: spread(
                all(({ aloneAgain, refusedAgain, alone, refused }) => {
                    return (aloneAgain.cpuMs + refusedAgain.cpuMs) / (alone.cpuMs + refused.cpuMs);
                }),
            ),
        },
    ];
}

function inProcess(count: number, acceptsAnyStatus: boolean): Stage {
    let issued = 0;
    let sentWithoutToken = 0;
    let oldestValid = 0;
    const adapter: AxiosAdapter = answerLater((config) => {
        const [, token] = authorizationOf(config)?.split('-') ?? [];
        if (token === undefined) sentWithoutToken += 1;
        return { status: Number(token ?? -1) >= oldestValid ? 200 : 401, ms: RESPONSE_TIME };
    });
    const baseURL = 'http://api.localhost';
    const common = { adapter, baseURL, ...(acceptsAnyStatus && { validateStatus: () => true }) };
    return {
        count,
        valid: axios.create({ ...common, headers: { Authorization: 'Bearer token-999999' } }),
        revoked: axios.create({ ...common, headers: { Authorization: 'Bearer token--1' } }),
        bare: () => axios.create(common),
        create: () =>
            delay(CREATION_TIME).then(() => ({
                access_token: `token-${issued++}`,
                token_type: 'Bearer',
                expires_in: 3_600,
            })),
        revoke: () => Promise.resolve((oldestValid = issued)),
        sentWithoutToken: () => sentWithoutToken,
    };
}

async function overSockets(count: number, rounds: number): Promise<Figure[]> {
    const server = await startServer({ lifetime: 3_600, creationTime: CREATION_TIME });
    const common = {
        baseURL: server.baseURL,
        proxy: false as const,
        httpAgent: new Agent({ keepAlive: true, maxSockets: 100 }),
    };
    try {
        const stage: Stage = {
            count,
            valid: axios.create({ ...common, headers: { Authorization: 'Bearer static' } }),
            revoked: axios.create({ ...common, headers: { Authorization: 'Bearer revoked' } }),
            bare: () => axios.create(common),
            create: createClientTokenCreator(
                { id: 'bench', secret: 'secret' },
                { client: { baseURL: server.baseURL, proxy: false } },
            ),
            revoke: () => server.revoke(),
            sentWithoutToken: async () => (await server.counts()).withoutToken,
        };
        return await measure(`${count.toLocaleString('en')} over sockets`, stage, rounds);
    } finally {
        common.httpAgent.destroy();
        await server.stop();
    }
}

export const refusals: Benchmark = async ({ quick }) => {
    const count = quick ? 3_000 : 10_000;
    const name = count.toLocaleString('en');
    const rounds = quick ? 2 : 4;
    return [
        ...(await measure(name, inProcess(count, false), rounds)),
        ...(await measure(`${name}, any status accepted`, inProcess(count, true), rounds)),
        ...(await (quick ? overSockets(300, 3) : overSockets(1_000, 12))),
    ];
};
