import {
    createDeviceTokenCreator,
    type DeviceAuthorization,
    type DeviceTokenCreatorOptions,
    type TokenCreator,
} from '../../src/index.js';
import { settled, watch, type Outcome } from './deferred.js';
import { createScriptedAdapter, type ScriptedAdapter, type ScriptedAnswer } from './scripted-adapter.js';

export const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
const BASE = 'https://as.example';

/** What the device authorization endpoint answers (RFC 8628 section 3.2). */
export const authorization = {
    device_code: 'canary-device-code',
    user_code: 'WDJB-MJHT',
    verification_uri: 'https://as.example/device',
    expires_in: 600,
    interval: 5,
};

export const refusal = (error: string, status = 400, headers?: Record<string, string>): ScriptedAnswer => ({
    status,
    body: { error },
    ...(headers && { headers }),
});
export const pending = refusal('authorization_pending');
export const slowDown = refusal('slow_down');
export const granted: ScriptedAnswer = { body: { access_token: 'a-token', token_type: 'Bearer', expires_in: 60 } };

export interface DeviceUnderTest extends Pick<ScriptedAdapter, 'sent' | 'answer'> {
    readonly creator: TokenCreator;
    readonly scripted: ScriptedAdapter;
    readonly outcome: () => Outcome;
    readonly shown: DeviceAuthorization[];
    readonly signals: AbortSignal[];
    /** Milliseconds from the answer that brought the codes to each poll. */
    readonly polls: () => number[];
    readonly abort: AbortController;
}

export interface DeviceSettings {
    /** Instead of the members of the usual answer; `undefined` leaves one out. */
    answer?: Record<string, unknown>;
    options?: Partial<DeviceTokenCreatorOptions>;
    onUserCode?: (shown: DeviceAuthorization, signal: AbortSignal) => unknown;
}

/** Starts a device authorization under fake time; the answers to the polls are those that are given. */
export async function startDevice(
    answers: Parameters<ScriptedAdapter['answer']>,
    { answer, options, onUserCode }: DeviceSettings = {},
): Promise<DeviceUnderTest> {
    const scripted = createScriptedAdapter();
    scripted.answer({ body: { ...authorization, ...answer } }, ...answers);
    const shown: DeviceAuthorization[] = [];
    const signals: AbortSignal[] = [];
    const abort = new AbortController();
    const creator = createDeviceTokenCreator(
        {
            onUserCode(given, signal) {
                shown.push(given);
                signals.push(signal);
                return onUserCode?.(given, signal);
            },
        },
        {
            client: { baseURL: BASE, adapter: scripted.adapter },
            clientId: 'a-device',
            deviceAuthorizationEndpoint: '/device_authorization',
            ...options,
        },
    );
    const started = Date.now();
    const outcome = watch(creator({ reason: 'missing', signal: abort.signal }));
    await settled();
    return {
        creator,
        scripted,
        sent: scripted.sent,
        answer: (...next) => scripted.answer(...next),
        outcome,
        shown,
        signals,
        abort,
        polls: () => scripted.sent.slice(1).map(({ at }) => at - started),
    };
}

/** Lets time pass, and everything happen that is due. */
export async function pass(milliseconds: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(milliseconds);
    await settled();
}
