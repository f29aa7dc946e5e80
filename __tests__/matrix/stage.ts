import type { AxiosInstance, CreateAxiosDefaults } from 'axios';
import type {
    AttachOptions,
    TokenAttachment,
    TokenCreator,
    TokenCreatorContext,
    TokenGrantResponse,
} from '../../src/index.js';
import type { Scene } from './scene.js';

/** A request as the server got it. */
export interface Received {
    readonly method: string;
    readonly path: string;
    readonly origin: string;
    readonly authorization: string | null;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    /** One character for each byte. */
    readonly text: string;
    /** Whether the client left before it had the whole answer. */
    readonly isCut: boolean;
}

/** How the token endpoint answers. */
export interface StageSettings {
    readonly expiresIn?: number;
    readonly tokenStatus?: number;
    readonly tokenHeaders?: Readonly<Record<string, string>>;
    readonly tokenError?: Readonly<Record<string, string>>;
}

interface Log {
    /** Without those to `/control`. */
    readonly received: readonly Received[];
    /** The headers that each preflight asked for. */
    readonly preflights: readonly string[];
    /** How many token requests there were. */
    readonly created: number;
}

/** The part of the server that a case has to itself, steered over HTTP. */
export interface Stage {
    readonly creator: TokenCreator;
    readonly log: () => Promise<Log>;
    /** Those that went to the API, in order of arrival. */
    readonly requests: () => Promise<readonly Received[]>;
    readonly authorizations: () => Promise<(string | null)[]>;
    readonly created: () => Promise<number>;
    /** Every token issued so far stops being valid. */
    readonly revoke: () => Promise<void>;
    /** Token requests, and requests to `/held`, wait from now on until they are released. */
    readonly hold: () => Promise<void>;
    readonly release: () => Promise<void>;
    readonly set: (settings: StageSettings) => Promise<void>;
    /** Waits for so many requests to a path. */
    readonly arrival: (path: string, count?: number) => Promise<void>;
    /** Waits for a client to leave a request to a path. */
    readonly departure: (path: string) => Promise<void>;
}

export function openStage({ url }: Pick<Scene, 'url'>): Stage {
    async function control(command: string, body?: unknown): Promise<unknown> {
        const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
        const response = await fetch(`${url}/control/${command}`, init);
        if (!response.ok) throw new Error(`the server does not know ${command}`);
        return response.json();
    }
    const log = async (): Promise<Log> => (await control('log')) as Log;
    const requests = async () => (await log()).received.filter(({ path }) => !path.startsWith('/token'));
    const silent = (command: string, body?: unknown) => control(command, body).then(() => undefined);
    return {
        async creator(context?: TokenCreatorContext) {
            const scope = context?.parameters?.scope;
            const response = await fetch(`${url}/token`, {
                method: 'POST',
                body: new URLSearchParams(scope ? { scope } : {}),
            });
            if (!response.ok) throw new Error(`no token: ${response.status}`);
            return (await response.json()) as TokenGrantResponse;
        },
        log,
        requests,
        authorizations: async () => (await requests()).map(({ authorization }) => authorization),
        created: async () => (await log()).created,
        revoke: () => silent('revoke', {}),
        hold: () => silent('hold', {}),
        release: () => silent('release', {}),
        set: (settings) => silent('settings', settings),
        arrival: (path, count = 1) => silent(`arrival?path=${encodeURIComponent(path)}&count=${count}`),
        departure: (path) => silent(`arrival?path=${encodeURIComponent(path)}&count=1&cut`),
    };
}

export interface Play extends Stage {
    readonly client: AxiosInstance;
    readonly attachment: TokenAttachment;
}

export interface PlaySettings extends AttachOptions {
    readonly defaults?: CreateAxiosDefaults;
    readonly creator?: TokenCreator;
}

export function createClient({ axios, adapter, url }: Scene, defaults?: CreateAxiosDefaults): AxiosInstance {
    return axios.create({ baseURL: url, adapter, ...defaults });
}

/** An instance of the user's axios with the stage's tokens attached. */
export function open(scene: Scene, { defaults, creator, ...options }: PlaySettings = {}): Play {
    const stage = openStage(scene);
    const client = createClient(scene, defaults);
    const attachment = scene.library.attachTokenCreator(client, creator ?? stage.creator, options);
    return { ...stage, client, attachment };
}

/** The same with a token that the server no longer accepts. */
export async function openRefused(scene: Scene, settings?: PlaySettings): Promise<Play> {
    const play = open(scene, settings);
    await play.attachment.source.getToken();
    await play.revoke();
    return play;
}

/** An instance without this package, with a header of its own that the server accepts: what axios alone does. */
export async function openPlain(
    scene: Scene,
    defaults?: CreateAxiosDefaults,
): Promise<Stage & { client: AxiosInstance }> {
    const stage = openStage(scene);
    const { access_token: token } = await stage.creator();
    const client = createClient(scene, { ...defaults, headers: { Authorization: `Bearer ${token}` } });
    return { ...stage, client };
}
