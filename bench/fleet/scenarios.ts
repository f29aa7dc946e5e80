import { HOUR, MINUTE, type Scenario } from './fleet.js';

export const REVOKED_AT = 90 * MINUTE;
// When the token that was created first has to be renewed.
export const STORE_DOWN = { from: 50 * MINUTE, until: 60 * MINUTE };
const ENDPOINT_DOWN = { from: 50 * MINUTE, until: 65 * MINUTE };

const FLEET = { nodes: 10_000, duration: 3 * HOUR, startsWithin: MINUTE };

/** What is simulated, in the order of the table. */
export const SCENARIOS = {
    rolling: { name: 'starts within a minute', ...FLEET, isShared: false },
    rollingShared: { name: 'starts within a minute', ...FLEET, isShared: true },
    atOnce: { name: 'starts at once', ...FLEET, startsWithin: 0, isShared: false },
    atOnceShared: { name: 'starts at once', ...FLEET, startsWithin: 0, isShared: true },
    revoked: { name: 'all tokens revoked at 1:30', ...FLEET, revokedAt: REVOKED_AT, isShared: false },
    revokedShared: { name: 'all tokens revoked at 1:30', ...FLEET, revokedAt: REVOKED_AT, isShared: true },
    endpointDown: {
        name: 'token endpoint down from 0:50 to 1:05',
        ...FLEET,
        endpointDown: ENDPOINT_DOWN,
        isShared: false,
    },
    endpointDownShared: {
        name: 'token endpoint down from 0:50 to 1:05',
        ...FLEET,
        endpointDown: ENDPOINT_DOWN,
        isShared: true,
    },
    downShared: { name: 'store down from 0:50 to 1:00', ...FLEET, storeDown: STORE_DOWN, isShared: true },
} as const satisfies Readonly<Record<string, Scenario & { name: string }>>;

export type ScenarioName = keyof typeof SCENARIOS;
