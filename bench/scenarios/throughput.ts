import { interleave, interleaveFor, spread, sum } from '../measure.js';
import type { Client } from '../subject.js';
import { CONNECTIONS, startSocketWorld } from '../worlds/socket-world.js';
import { STATIC_TOKEN } from '../worlds/tokens.js';
import { PATH } from '../worlds/world.js';
import { paceOf, type Run } from './scenario.js';

// As many requests as a client gets through over 100 connections that stay open: each sends the next one as soon as
// the last one was answered.

/** Milliseconds. */
const SLICE = 150;

interface Slice {
    readonly perSecond: number;
    readonly failed: number;
}

async function sendFor(client: Client, ms: number): Promise<Slice> {
    const start = performance.now();
    let served = 0;
    let failed = 0;
    const sendInTurn = async (): Promise<void> => {
        while (performance.now() - start < ms) {
            const status = await client.get(PATH).catch(() => 0);
            if (status === 200) served += 1;
            else failed += 1;
        }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, sendInTurn));
    return { perSecond: (served * 1_000) / (performance.now() - start), failed };
}

const slice = (client: Client) => (): Promise<Slice> => sendFor(client, SLICE);

export const throughput: Run = async function* (context) {
    const { subject, isOurs } = context;
    const world = await startSocketWorld();
    const openFloor = (): Promise<Client> => Promise.resolve(subject.createFloor(world, STATIC_TOKEN));
    const clients = [await openFloor(), await openFloor(), await subject.create(world)] as const;
    const [header, control, measured] = clients;
    const loads = {
        header: slice(header),
        measured: slice(measured),
        ...(isOurs && { control: slice(control) }),
    };

    const warm = await interleave(1, loads);
    const rounds = await interleaveFor(paceOf(context, { quick: 1_000, ours: 5_000, others: 400 }), loads);
    const failed = sum([...warm, ...rounds].map((round) => round.measured.failed));
    const { withoutToken } = await world.counts();
    yield {
        name: 'requests per second / of the static header',
        key: 'ratio',
        unit: 'x',
        measured: spread(rounds.map((round) => round.measured.perSecond / round.header.perSecond)),
        ...(isOurs && {
            control: spread(rounds.map((round) => round.control.perSecond / round.header.perSecond)),
        }),
        target: { atLeast: 0.98 },
    };
    yield {
        name: 'requests per second',
        key: 'rps',
        unit: '',
        measured: spread(rounds.map((round) => round.measured.perSecond)),
    };
    yield { name: 'failed', key: 'failed', unit: '', measured: failed, target: { exactly: 0 } };
    yield {
        name: 'sent without a token',
        key: 'withoutToken',
        unit: '',
        measured: withoutToken,
        target: { exactly: 0 },
    };
    for (const client of clients) client.close?.();
    await world.close();
};
