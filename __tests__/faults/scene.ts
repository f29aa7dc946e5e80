import { Agent } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createClientTokenCreator,
    createUserTokenCreator,
    type TokenEvent,
    type TokenSource,
} from '../../src/index.js';
import {
    createTestAuthorizationServer,
    createTestClock,
    type TestAuthorizationServer,
    type TestClock,
} from '../../src/testing/index.js';
import type { Cell } from './cells.js';

/** What must never be seen in an error. */
export const SECRETS = ['a-client-secret', 'a-pass-word'];

const [SECRET, PASSWORD] = SECRETS as [string, string];
const LIFETIME = 3_600_000;
/** Old enough to be renewed, and good for another four minutes. */
const AGING = LIFETIME - 290_000;
/** More than anything takes, in milliseconds. */
export const LONG = 120_000;

/** A client, the authorization server that it has its tokens from, and what happened to them. */
export interface Scene {
    readonly server: TestAuthorizationServer;
    readonly client: AxiosInstance;
    /** Asks for tokens. */
    readonly tokenClient: AxiosInstance;
    readonly source: TokenSource;
    /** What the source goes by; the server's own clock goes on. */
    readonly clock: TestClock;
    /** Since the last time that they were taken. */
    events(): readonly TokenEvent[];
    takeEvents(): readonly TokenEvent[];
    close(): Promise<void>;
}

/** A client of which the next request needs a token, or finds one that is about to expire, as the moment wants it. */
export async function openScene({ row, moment }: Cell): Promise<Scene> {
    const { skew = 0, creationTimeout = LONG } = row;
    let off = moment === 'first' ? skew : 0;
    const server = await createTestAuthorizationServer({ clock: { now: () => Date.now() + off } });
    // Connections that are left over would be seen.
    const httpAgent = new Agent({ keepAlive: false });
    const tokenClient = axios.create({ baseURL: server.url, httpAgent, timeout: LONG });
    const options = { client: tokenClient };
    const creator =
        moment === 'refresh'
            ? createUserTokenCreator({ name: 'admin', password: PASSWORD }, options)
            : createClientTokenCreator({ id: 'a-client', secret: SECRET }, options);
    const client = axios.create({ baseURL: server.url, httpAgent });
    const clock = createTestClock();
    const events: TokenEvent[] = [];
    const onEvent = (event: TokenEvent): void => void events.push(event);
    const { source } = attachTokenCreator(client, creator, { clock, creationTimeout, onEvent });
    if (moment !== 'first') await client.get('/api/before');
    if (moment === 'ahead') clock.advance(AGING);
    if (moment === 'rejected' || moment === 'refresh') server.revoke();
    off = skew;
    return {
        server,
        client,
        tokenClient,
        source,
        clock,
        events: () => events,
        takeEvents: () => events.splice(0),
        close: () => server.close(),
    };
}
