import { isAxiosError } from 'axios';
import { TokenEndpointError, TokenError, type TokenEvent } from '../../src/index.js';
import { isError, type Cell } from './cells.js';
import { LONG, openScene, type Scene } from './scene.js';

export const REQUESTS = 100;
/** One after another, as nothing gets better. */
export const FURTHER_REQUESTS = 5;

/** Milliseconds after which a request, or what it left behind, counts as hanging. */
const DEADLINE = 20_000;

/** What was seen. */
export interface Observation {
    /** How many requests ended in which way: `served`, the status of their answer, or the name of their error. */
    readonly endings: Readonly<Record<string, number>>;
    /** How further requests ended, where no creation succeeds. */
    readonly further: Readonly<Record<string, number>>;
    /** How creations failed. */
    readonly failures: readonly string[];
    /** Each one that a request or an event had. */
    readonly errors: readonly unknown[];
    /** How often a token was asked for while all went wrong. */
    readonly tokenRequests: number;
    /** The events while all went wrong, and after that. */
    readonly story: string;
    readonly sequel: string;
    /** A request before the time of a `Retry-After` was over: how it ended, and how often it asked for a token. */
    readonly early: { readonly ending: string; readonly tokenRequests: number } | undefined;
    /** How a request ended when nothing was wrong any more. */
    readonly next: string;
    readonly reuseAttempts: number;
    readonly followedRedirects: number;
}

/**
 * Whether the requests of a cell can be served: there is a token that is good, or a working one is given. Who has to wait
 * for one that is not given gets the error of its creation; who is refused a second time, that answer.
 */
export function isServable({ moment, outcome }: Pick<Cell, 'moment' | 'outcome'>): boolean {
    return moment === 'ahead' || outcome === 'a token';
}

/** The server may have rotated the refresh token: its answer is worth waiting for, though no request does. */
export function isAwaitedStill({ row, moment }: Cell): boolean {
    return row.creationTimeout !== undefined && moment === 'refresh';
}

interface Ended {
    readonly ending: string;
    readonly error?: unknown;
}

function endingOf(error: unknown): string {
    if (isAxiosError(error)) return String(error.response?.status ?? error.code);
    if (error instanceof TokenEndpointError) return `${error.name} ${error.status}`;
    if (!(error instanceof TokenError)) return String(error);
    return error.name === 'TokenError' ? `TokenError ${error.code}` : error.name;
}

/** Each event in a word or three; the same again is not repeated. */
function tell(events: readonly TokenEvent[]): string {
    const words = events.map((event) => {
        if (event.type === 'replayed') return `replayed ${event.status}`;
        return 'reason' in event ? `${event.type} ${event.reason}` : event.type;
    });
    return words.filter((word, index) => word !== words[index - 1]).join(', ');
}

async function sendOne({ client }: Scene, path: string): Promise<Ended> {
    try {
        await client.get(path, { signal: AbortSignal.timeout(DEADLINE) });
        return { ending: 'served' };
    } catch (error) {
        return { ending: endingOf(error), error };
    }
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
    for (const start = performance.now(); !isTrue(); ) {
        if (performance.now() - start > DEADLINE) throw new Error(`${what}: not within ${DEADLINE} ms`);
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
}

/** Somebody else uses the refresh token first. */
async function stealRefreshToken({ server, source }: Scene): Promise<void> {
    const refreshToken = source.current()?.grant.refresh_token ?? '';
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
    const answer = await fetch(`${server.url}/token`, { method: 'POST', body, headers: { connection: 'close' } });
    if (!answer.ok) throw new Error(`the refresh token could not be used: ${answer.status}`);
}

async function goWrong({ row }: Cell, scene: Scene): Promise<void> {
    const { server } = scene;
    if (row.fault) server.inject(row.fault, { times: Infinity, ...row.injection });
    const { defaults } = scene.tokenClient;
    if (row.misfortune === 'no TLS') defaults.baseURL = server.tlsUrl;
    if (row.tokenTimeout) defaults.timeout = row.tokenTimeout;
    if (row.misfortune === 'refresh tokens revoked') server.revokeRefreshTokens();
    if (row.misfortune === 'refresh token reused') await stealRefreshToken(scene);
}

async function mend({ server, tokenClient: { defaults } }: Scene): Promise<void> {
    server.heal();
    Object.assign(defaults, { baseURL: server.url, timeout: LONG });
    await until('no connection is left', () => server.counts.connections === 0);
}

const isOver = ({ type }: TokenEvent): boolean => type === 'created' || type === 'failed';

/** A hundred requests at once, and what is done meanwhile. */
async function sendAll({ row, moment }: Cell, scene: Scene): Promise<Ended[]> {
    const { server } = scene;
    const issued = server.counts.tokensIssued;
    const sending = Promise.all(Array.from({ length: REQUESTS }, (_, index) => sendOne(scene, `/api/orders/${index}`)));
    if (moment === 'ahead') await sending; // they have nothing to wait for
    if (row.misfortune === 'revoked on its way') {
        await until('a token is issued', () => server.counts.tokensIssued > issued);
        server.revoke();
        await mend(scene);
    }
    const ended = await sending;
    await until('the creation ends', () => scene.events().some(isOver));
    return ended;
}

async function sendFurther({ outcome }: Cell, scene: Scene): Promise<Ended[]> {
    const ended: Ended[] = [];
    while (isError(outcome) && ended.length < FURTHER_REQUESTS) ended.push(await sendOne(scene, '/api/further'));
    return ended;
}

/** The time for which the source said that it would not try again goes by. */
function waitForNextAttempt({ clock }: Scene, told: readonly TokenEvent[]): void {
    const [nextAttemptAt = 0] = told
        .flatMap((event) => (event.type === 'failed' ? [event.nextAttemptAt ?? 0] : []))
        .slice(-1);
    if (nextAttemptAt > clock.now()) clock.advance(nextAttemptAt - clock.now());
}

async function sendEarly({ row, moment }: Cell, scene: Scene): Promise<Observation['early']> {
    if (!row.retryAfter) return undefined;
    const { server, clock } = scene;
    const before = server.counts.tokenRequests;
    clock.advance(row.retryAfter - 10_000);
    const { ending } = await sendOne(scene, `/api/early/${moment}`);
    return { ending, tokenRequests: server.counts.tokenRequests - before };
}

function countEach(words: readonly string[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
    return counts;
}

async function observe(cell: Cell, scene: Scene): Promise<Observation> {
    const { server } = scene;
    await goWrong(cell, scene);
    scene.takeEvents();
    const before = server.counts.tokenRequests;
    const ended = await sendAll(cell, scene);
    const further = await sendFurther(cell, scene);
    const tokenRequests = server.counts.tokenRequests - before;
    const told = scene.takeEvents();
    // Who gave up hangs up, but for a refresh: its answer is waited for still.
    if (!isAwaitedStill(cell)) await until('all hang up', () => server.counts.connections === 0);
    await mend(scene);
    const early = await sendEarly(cell, scene);
    waitForNextAttempt(scene, told);
    const { ending: next, error } = await sendOne(scene, '/api/next');
    if (told.some(({ type }) => type === 'failed'))
        await until('a token is created', () => scene.events().some(isOver));
    await mend(scene);
    const failures = told.flatMap((event) => (event.type === 'failed' ? [event.error] : []));
    return {
        endings: countEach(ended.map(({ ending }) => ending)),
        further: countEach(further.map(({ ending }) => ending)),
        failures: [...new Set(failures.map(endingOf))],
        errors: [...new Set([...[...ended, ...further].map((each) => each.error), ...failures, error])].filter(Boolean),
        tokenRequests,
        story: tell(told),
        sequel: tell(scene.takeEvents()),
        early,
        next,
        reuseAttempts: server.counts.reuseAttempts,
        followedRedirects: server.counts.followedRedirects,
    };
}

export async function runCell(cell: Cell): Promise<Observation> {
    const scene = await openScene(cell);
    try {
        return await observe(cell, scene);
    } finally {
        await scene.close();
    }
}

/** As many at a time as keep the processors busy. */
export function runCells(cells: readonly Cell[], atOnce = 10): ReadonlyMap<Cell, Promise<Observation>> {
    const free: Promise<unknown>[] = [];
    return new Map(
        cells.map((cell, index) => {
            const running = (free[index % atOnce] ?? Promise.resolve()).then(() => runCell(cell));
            free[index % atOnce] = running.catch(() => {});
            return [cell, running];
        }),
    );
}
