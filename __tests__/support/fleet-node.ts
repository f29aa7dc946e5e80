import axios, { type AxiosInstance } from 'axios';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createRefreshTokenCreator,
    type TokenAttachment,
    type TokenCreator,
    type TokenEvent,
    type TokenParameters,
    type TokenSourceOptions,
} from '../../src/index.js';
import { createRedisStore, withRedisToken } from '../../src/redis/index.js';
import { withSharedToken, type Lease, type SharedTokenEvent, type SharingOptions } from '../../src/shared/index.js';

// The program of one node of a fleet: an application that has an axios client, and a token that it shares by Redis.

export interface NodeSettings {
    readonly redisUrl: string;
    readonly redisClient?: 'redis' | 'redis, RESP 2' | 'ioredis' | 'cluster of redis' | 'cluster of ioredis';
    readonly key: string;
    /** The base URLs of the authorization server and of the API. */
    readonly issuer: string;
    readonly api: string;
    readonly clientId: string;
    readonly clientSecret: string;
    /** Renews by refresh tokens, from this one on, instead of the client credentials grant. */
    readonly refreshToken?: string;
    readonly sharing?: Omit<SharingOptions, 'codec' | 'onEvent'>;

    readonly source?: Pick<TokenSourceOptions, 'creationTimeout'>;
    /** A lock that grants to everybody at once. */
    readonly isUnlocked?: boolean;
}

export interface Run {
    readonly requests: number;
    readonly concurrency: number;
    /** Milliseconds over which they are spread; at once if absent. */
    readonly over?: number;
}

export interface RunReport {
    readonly succeeded: number;
    readonly failures: readonly Failure[];
    /** Milliseconds that the slowest request took. */
    readonly slowest: number;
}

interface Failure {
    readonly name: string;
    readonly message: string;
    readonly code?: string;
    readonly status?: number;
}

type Told<Event> = Event & { readonly at: number };

/** As it comes over the channel between processes: an error is its message. */
export type NodeEvent = Told<Exclude<TokenEvent, { error: unknown }> | SharedTokenEvent | { type: 'failed' }>;

export interface FleetProgram {
    /** Opens a client as a process that has just begun does; the connection to Redis stays. */
    open(settings: NodeSettings): Promise<void>;
    run(run: Run): Promise<RunReport>;
    /** The token that is used right now. */
    current(): Promise<string | undefined>;
    /** Gets one from the source. */
    token(parameters?: TokenParameters): Promise<string>;
    /** Says that the current one was refused, and gets another. */
    renew(parameters?: TokenParameters): Promise<string>;
    clear(): Promise<void>;
    /** Closes the client of Redis, as the application would at its end, and leaves the process to end by itself. */
    finish(): Promise<void>;
}

export type FromNode =
    | { readonly event: NodeEvent }
    | { readonly answered: number; readonly result?: unknown; readonly failure?: Failure };

interface ToNode {
    readonly call: number;
    readonly name: keyof FleetProgram;
    readonly argument?: unknown;
}

interface Connection {
    readonly name: string;
    readonly client: Parameters<typeof createRedisStore>[0];
    readonly close: () => Promise<unknown>;
}

const nodeName = process.env['NODE_NAME'] ?? '';
let connection: Connection | undefined;
let api: AxiosInstance | undefined;
let attachment: TokenAttachment | undefined;

async function connectTo({ redisUrl, redisClient = 'redis' }: NodeSettings): Promise<Connection> {
    const name = `${redisClient} ${redisUrl}`;
    if (connection?.name === name) return connection;
    const { client, connected, close } = clientOf(redisClient, redisUrl);
    client.on('error', () => undefined);
    await connected;
    return { name, client, close };
}

function clientOf(kind: Required<NodeSettings>['redisClient'], url: string) {
    if (kind.endsWith('ioredis')) {
        const client = kind === 'ioredis' ? new Redis(url) : new Cluster([url]);
        return { client, connected: undefined, close: () => client.quit() };
    }
    const RESP = kind === 'redis, RESP 2' ? 2 : 3;
    const client = kind.startsWith('cluster') ? createCluster({ rootNodes: [{ url }] }) : createClient({ url, RESP });
    const connecting = client.connect().catch(() => undefined);
    // It may be that Redis does not answer yet: what is asked of a client waits for it. A cluster refuses it.
    return {
        client,
        connected: kind.startsWith('cluster') ? connecting : undefined,
        close: async () => client.close(),
    };
}

function creatorOf({ issuer, clientId, clientSecret, refreshToken }: NodeSettings): TokenCreator {
    const client = { baseURL: issuer, headers: { 'x-node': nodeName } };
    if (refreshToken === undefined) return createClientTokenCreator({ id: clientId, secret: clientSecret }, { client });
    return createRefreshTokenCreator({ refreshToken }, { client, clientId, clientSecret });
}

function shared(settings: NodeSettings, client: Connection['client']): TokenCreator {
    const creator = creatorOf(settings);
    const options = { ...settings.sharing, key: settings.key, onEvent: tell };
    if (!settings.isUnlocked) return withRedisToken(creator, { ...options, client });
    return withSharedToken(creator, { ...options, store: createRedisStore(client), lock: grantToAll });
}

async function grantToAll(): Promise<Lease> {
    return { renew: async () => true, release: async () => {} };
}

function source() {
    if (!attachment) throw new Error('the node is not open');
    return attachment.source;
}

const program: FleetProgram = {
    async open(settings) {
        connection = await connectTo(settings);
        api = axios.create({ baseURL: settings.api, headers: { 'x-node': nodeName } });
        attachment = attachTokenCreator(api, shared(settings, connection.client), {
            ...settings.source,
            onEvent: tell,
        });
    },
    async run({ requests, concurrency, over = 0 }) {
        const failures: Failure[] = [];
        const pause = (over * concurrency) / requests;
        let slowest = 0;
        let left = requests;
        const work = async (): Promise<void> => {
            while (left > 0) {
                left -= 1;
                const began = performance.now();
                await api?.get('/').catch((error: unknown) => failures.push(failureOf(error)));
                slowest = Math.max(slowest, performance.now() - began);
                if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
            }
        };
        await Promise.all(Array.from({ length: concurrency }, work));
        return { succeeded: requests - failures.length, failures, slowest };
    },
    current: async () => source().current()?.value,
    token: async (parameters) => (await source().getToken({ parameters })).value,
    async renew(parameters) {
        const token = await source().getToken({ parameters });
        source().reject(token, { status: 401 })?.succeeded();
        return (await source().getToken({ parameters })).value;
    },
    clear: async () => source().clear(),
    async finish() {
        await connection?.close();
    },
};

function failureOf(error: unknown): Failure {
    const { name, message, code, status, response } = Object(error) as Failure & { response?: { status: number } };
    return { name, message, code, status: response?.status ?? status };
}

function tell(event: TokenEvent | SharedTokenEvent): void {
    const { error, ...rest } = event as { error?: unknown } & SharedTokenEvent;
    const message = error instanceof Error ? error.message : error;
    send({ event: { ...rest, ...(error !== undefined && { error: message }), at: Date.now() } as NodeEvent });
}

function send(message: FromNode): void {
    process.send?.(message);
}

process.on('message', (message: ToNode) => {
    const { call, name, argument } = message;
    const work = program[name] as (argument: unknown) => Promise<unknown>;
    work(argument)
        .then(
            (result) => send({ answered: call, result }),
            (error: unknown) => send({ answered: call, failure: failureOf(error) }),
        )
        .finally(() => {
            if (name === 'finish') process.channel?.unref();
        });
});
// It does not outlive who started it.
process.on('disconnect', () => process.exit());
