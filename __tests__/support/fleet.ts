import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type FleetIssuer } from './fleet-issuer.js';
import type { FleetProgram, FromNode, NodeEvent, NodeSettings, Run, RunReport } from './fleet-node.js';
import { useServers, wait } from './servers.js';

export type { NodeEvent, NodeSettings, RunReport };

type Calls = { [Name in keyof FleetProgram]: FleetProgram[Name] };

/** Of the client that all nodes are. */
const credentials = { clientId: 'canary-client', clientSecret: 'canary-client-secret' };

/** A process of its own. What it is asked for rejects when the process ends. */
export interface FleetNode extends Calls {
    readonly name: string;
    /** In the order in which they happened. */
    readonly events: readonly NodeEvent[];
    /** How many events there were of a type. */
    count(type: NodeEvent['type']): number;
    kill(signal: NodeJS.Signals): void;
    /** Resolves to its exit code, or the signal that ended it. */
    readonly ended: Promise<number | NodeJS.Signals>;
}

interface StartOptions {
    /** Milliseconds by which its clock is ahead of the others. */
    readonly clockShift?: number;
}

export interface Fleet {
    /** Starts processes, none of which is open yet. */
    start(size: number, options?: StartOptions): Promise<FleetNode[]>;
    /** Starts processes that are open. */
    open(size: number, settings: NodeSettings): Promise<FleetNode[]>;
    /** Starts the servers of an issuer; its tokens are shared under a key that no other test has. */
    serve(issuer: FleetIssuer, redis: { readonly url: string }, more?: Partial<NodeSettings>): Promise<NodeSettings>;
}

/** The processes that a suite starts; those still there after a test are killed. */
export function useFleet(): Fleet {
    const children: ChildProcess[] = [];
    const serve = useServers();
    let directory: string | undefined;
    let started = 0;
    let served = 0;
    beforeAll(async () => {
        directory = await mkdtemp(join(tmpdir(), 'fleet-'));
        await bundle(directory);
    });
    afterEach(async () => {
        await Promise.all(children.splice(0).map(killed));
    });
    afterAll(async () => {
        if (directory) await rm(directory, { recursive: true, force: true });
    });

    const startOne = async ({ clockShift = 0 }: StartOptions): Promise<FleetNode> => {
        const name = `node-${(started += 1)}`;
        const child = fork(join(directory ?? '', 'node.cjs'), {
            execArgv: clockShift ? ['--import', shiftedClock(clockShift)] : [],
            env: { NODE_NAME: name },
            stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        });
        children.push(child);
        return openNode(name, child);
    };
    const start = (size: number, options: StartOptions = {}) =>
        Promise.all(Array.from({ length: size }, () => startOne(options)));
    return {
        start,
        async open(size, settings) {
            const nodes = await start(size);
            await Promise.all(nodes.map((node) => node.open(settings)));
            return nodes;
        },
        async serve(issuer, redis, more) {
            const [tokens, api] = await Promise.all([serve(issuer.token), serve(issuer.api)]);
            const key = `https://issuer.example ${credentials.clientId} ${(served += 1)}`;
            return { redisUrl: redis.url, key, issuer: tokens.url, api: api.url, ...credentials, ...more };
        },
    };
}

/** All of them run it at once. */
export async function runAll(nodes: readonly FleetNode[], run: Run): Promise<RunReport> {
    const reports = await Promise.all(nodes.map((node) => node.run(run)));
    return {
        succeeded: reports.reduce((sum, { succeeded }) => sum + succeeded, 0),
        failures: reports.flatMap(({ failures }) => failures),
        slowest: Math.max(...reports.map(({ slowest }) => slowest)),
    };
}

/** Which tokens the nodes use right now. */
export async function tokensOf(nodes: readonly FleetNode[]): Promise<(string | undefined)[]> {
    return [...new Set(await Promise.all(nodes.map((node) => node.current())))];
}

/** How many events of a type there were in all of them. */
export function countAll(nodes: readonly FleetNode[], type: NodeEvent['type']): number {
    return nodes.reduce((sum, node) => sum + node.count(type), 0);
}

/** Waits until something has become true, on a machine that may be busy. */
export async function eventually(isTrue: () => boolean, within = 30_000): Promise<void> {
    const deadline = Date.now() + within;
    while (!isTrue()) {
        if (Date.now() > deadline) throw new Error(`never became true: ${String(isTrue)}`);
        await wait(2);
    }
}

async function bundle(directory: string): Promise<void> {
    await build({
        entryPoints: [join(__dirname, 'fleet-node.ts')],
        outfile: join(directory, 'node.cjs'),
        bundle: true,
        format: 'cjs',
        platform: 'node',
        target: 'node20',
    });
}

/** A module that comes before the program. */
function shiftedClock(by: number): string {
    const program = `const { now } = Date; Date.now = () => now() + ${by};`;
    return `data:text/javascript,${encodeURIComponent(program)}`;
}

function openNode(name: string, child: ChildProcess): FleetNode {
    const events: NodeEvent[] = [];
    const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
    let calls = 0;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
    child.on('message', (message: FromNode) => {
        if ('event' in message) {
            events.push(message.event);
            return;
        }
        const { answered, result, failure } = message;
        const call = waiting.get(answered);
        waiting.delete(answered);
        if (failure) call?.reject(Object.assign(new Error(failure.message), failure));
        else call?.resolve(result as never);
    });
    const ended = new Promise<number | NodeJS.Signals>((resolve) => {
        child.on('exit', (code, signal) => {
            resolve(signal ?? code ?? -1);
            for (const { reject } of waiting.values()) reject(new Error(`${name} ended (${signal ?? code}): ${said}`));
            waiting.clear();
        });
    });
    const ask =
        (program: keyof FleetProgram) =>
        (argument?: unknown): Promise<never> =>
            new Promise((resolve, reject) => {
                const call = (calls += 1);
                waiting.set(call, { resolve, reject });
                child.send({ call, name: program, argument }, (error) => error && reject(error));
            });
    return {
        name,
        events,
        count: (type) => events.filter((event) => event.type === type).length,
        kill: (signal) => void child.kill(signal),
        ended,
        open: ask('open'),
        run: ask('run'),
        current: ask('current'),
        token: ask('token'),
        renew: ask('renew'),
        clear: ask('clear'),
        finish: ask('finish'),
    };
}

async function killed(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
}
