import type { CreateAxiosDefaults } from 'axios';

/** An API and its token endpoint, however they are reached. */
export interface World {
    readonly baseURL: string;
    /** Takes `client_credentials` and `refresh_token`; each answer has a new refresh token, too. */
    readonly tokenEndpoint: string;
    readonly clientId: string;
    readonly clientSecret: string;
    /** Of its tokens, in seconds: a leeway that is longer than that makes each request renew them. */
    readonly lifetime: number;
    /** What clients of axios are made with to get there: an adapter or an agent. Other clients need sockets. */
    readonly axios: CreateAxiosDefaults;
}

export interface Client {
    /** @returns the status of the answer; rejects where the client does */
    get(path: string): Promise<number>;
    /** Whether a request now would be sent at once, where that can be asked. */
    hasToken?(): boolean;
    close?(): void;
}

/** One way to send requests with a token. */
export interface Subject {
    readonly name: string;
    /** Those that it is made of; the first one gives the version. */
    readonly packages: readonly string[];
    /** `own`: it brings an HTTP client of its own, and can be measured over sockets alone. */
    readonly http: 'axios' | 'own';
    /** Sets it up as its own documentation says, for client credentials. */
    create(world: World): Client | Promise<Client>;
    /** The same HTTP client with a static `Authorization` header, which is what the subject is compared with. */
    createFloor(world: World, token: string): Client | Promise<Client>;
    /** A module that uses what the subject needs and nothing else: what a bundle of it weighs, and its import takes. */
    readonly entry: string;
}

/** The name of the subject that is this package. */
export const OURS = 'axios-token-creator';
