import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Received, StageSettings } from './stage.js';

type Entry = { -readonly [Key in keyof Received]: Received[Key] } & { headers: IncomingHttpHeaders };

/** What one case has of the server to itself. */
export interface ServerStage {
    notePreflight(headers: string): void;
    receive(request: Omit<Entry, 'text' | 'isCut'>): Entry;
    noteEnd(entry: Entry, isWhole: boolean): void;
    answer(entry: Entry, response: ServerResponse): Promise<void>;
}

interface State {
    readonly received: Entry[];
    readonly preflights: string[];
    readonly valid: Set<string>;
    settings: StageSettings;
    issued: number;
    /** Until it resolves, tokens and answers to `/held` wait. */
    held: Promise<void> | undefined;
    release: () => void;
    readonly changed: Set<() => void>;
}

export function createServerStage(): ServerStage {
    const state: State = {
        received: [],
        preflights: [],
        valid: new Set(),
        settings: {},
        issued: 0,
        held: undefined,
        release: () => undefined,
        changed: new Set(),
    };
    const change = (): void => {
        for (const look of state.changed) look();
    };
    return {
        notePreflight: (headers) => {
            state.preflights.push(headers);
        },
        receive(request) {
            const entry: Entry = { ...request, text: '', isCut: false };
            if (!request.path.startsWith('/control/')) state.received.push(entry);
            change();
            return entry;
        },
        noteEnd(entry, isWhole) {
            entry.isCut = !isWhole;
            change();
        },
        async answer(entry, response) {
            const { pathname, searchParams } = new URL(entry.path, 'http://stage.invalid');
            const [, first = '', second = ''] = pathname.split('/');
            if (first === 'control') return control(state, second, { entry, response, searchParams });
            if (first === 'token') return giveToken(state, entry, response);
            return answerApi(state, first, { entry, response, searchParams });
        },
    };
}

interface Exchange {
    readonly entry: Entry;
    readonly response: ServerResponse;
    readonly searchParams: URLSearchParams;
}

const controls: Record<string, (state: State, exchange: Exchange) => unknown> = {
    log: ({ received, preflights, issued }) => ({ received, preflights, created: issued }),
    revoke: ({ valid }) => valid.clear(),
    hold(state) {
        state.held = new Promise((resolve) => (state.release = resolve));
    },
    release(state) {
        state.held = undefined;
        state.release();
    },
    settings(state, { entry }) {
        state.settings = JSON.parse(entry.text) as StageSettings;
    },
    /** Answers once `count` requests whose path begins so have arrived, or were cut. */
    async arrival(state, { searchParams }) {
        const path = searchParams.get('path') ?? '';
        const isWanted = (entry: Entry): boolean =>
            entry.path.startsWith(path) && (entry.isCut || !searchParams.has('cut'));
        const isThere = (): boolean => state.received.filter(isWanted).length >= Number(searchParams.get('count'));
        await new Promise<void>((resolve) => {
            const look = (): void => {
                if (isThere() && state.changed.delete(look)) resolve();
            };
            state.changed.add(look);
            look();
        });
    },
};

async function control(state: State, name: string, exchange: Exchange): Promise<void> {
    const value = await controls[name]?.(state, exchange);
    sendJson(exchange.response, controls[name] ? 200 : 404, value ?? {});
}

async function giveToken(state: State, { text }: Entry, response: ServerResponse): Promise<void> {
    state.issued += 1;
    const token = `token-${state.issued}`;
    await state.held;
    const { tokenStatus = 200, tokenHeaders = {}, tokenError, expiresIn } = state.settings;
    for (const [name, value] of Object.entries(tokenHeaders)) response.setHeader(name, value);
    if (tokenStatus !== 200) return sendJson(response, tokenStatus, tokenError ?? {});
    state.valid.add(`Bearer ${token}`);
    const scope = new URLSearchParams(text).get('scope') ?? undefined;
    sendJson(response, 200, { access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope });
}

const CHALLENGE = 'Bearer error="invalid_token"';
const BYTES = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));

/** `/public` needs no token, `/never` accepts none, `/held` answers when released; all others want a valid token. */
async function answerApi(state: State, name: string, { entry, response, searchParams }: Exchange): Promise<void> {
    if (name === 'held') await state.held;
    if (name === 'redirect') {
        response.writeHead(302, { location: searchParams.get('to') ?? '' }).end();
    } else if (name === 'scope') {
        refuse(response, 'Bearer error="insufficient_scope", scope="more"');
    } else if (name !== 'public' && (name === 'never' || !state.valid.has(entry.authorization ?? ''))) {
        refuse(response, CHALLENGE);
    } else if (name === 'bytes') {
        response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(BYTES);
    } else {
        response.setHeader('x-answer', 'yes');
        sendJson(response, 200, { method: entry.method, path: entry.path, length: entry.text.length });
    }
}

function refuse(response: ServerResponse, challenge: string): void {
    response.setHeader('www-authenticate', challenge);
    sendJson(response, 401, { error: 'refused' });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
}
