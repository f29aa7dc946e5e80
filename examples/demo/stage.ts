import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createUserTokenCreator,
    type TokenCreator,
    type TokenEvent,
    type TokenSource,
} from '../../src/index.js';
import { type ApiServer, introspectOver, startApiServer } from '../servers/api-server.js';
import { type AuthorizationServer, credentials, startAuthorizationServer } from '../servers/authorization-server.js';
import type { Observed } from './measurement.js';

/** The application's side: an axios client that needs not think about tokens. */
export interface Application {
    readonly client: AxiosInstance;
    readonly source: TokenSource;
    readonly events: { at: number; event: TokenEvent }[];
}

/** What the first steps need; the tokens may come from anywhere. */
export interface Stage extends Observed {
    readonly api: ApiServer;
    /** A new application, which holds no token yet. */
    connect(): Application;
    /** Makes the application's token invalid; false when it cannot be done. */
    revoke(application: Application): Promise<boolean>;
    close(): Promise<void>;
}

export interface OwnStage extends Stage {
    readonly authorizationServer: AuthorizationServer;
    /** An API of another origin. */
    readonly otherApi: ApiServer;
}

/** Milliseconds that a token takes at least, so that it can be seen in the timelines. */
export const creationTime = 60;

export async function openOwnStage(): Promise<OwnStage> {
    const authorizationServer = await startAuthorizationServer();
    authorizationServer.tokenDelay = creationTime;
    const isActive = introspectOver(authorizationServer.url);
    const [api, otherApi] = await Promise.all([startApiServer({ isActive }), startApiServer({ isActive })]);
    const tokenRequests: Observed['tokenRequests'] = [];
    authorizationServer.onTokenRequest = ({ status, startedAt, endedAt }) => {
        tokenRequests.push({ issued: status === 200, startedAt, endedAt });
    };
    const tokens = createUserTokenCreator(credentials.user, { client: { baseURL: authorizationServer.url } });
    return {
        authorizationServer,
        api,
        otherApi,
        tokenRequests,
        connect: () => createApplication(api.url, tokens),
        revoke: async () => {
            await authorizationServer.revokeAll();
            return true;
        },
        close: async () => {
            await Promise.all([api.close(), otherApi.close(), authorizationServer.close()]);
        },
    };
}

export function createApplication(baseURL: string, creator: TokenCreator): Application {
    const client = axios.create({ baseURL });
    const events: Application['events'] = [];
    const { source } = attachTokenCreator(client, creator, {
        onEvent: (event) => void events.push({ at: Date.now(), event }),
    });
    return { client, source, events };
}
