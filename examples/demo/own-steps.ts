import { setTimeout as delay } from 'node:timers/promises';
import { allSucceeded, atLeastOne, exactly, shorterThan } from './expectations.js';
import { requestLanes, tokenLane } from './lanes.js';
import { measure, type Measurement, numbersOf, type Recorder } from './measurement.js';
import type { Application, OwnStage } from './stage.js';
import { commonSteps, type Result, type Step } from './steps.js';

/** Seconds. */
const lifetime = 4;
const shortLifetime = 3;
/** Milliseconds. */
const creation = 200;
const pause = 20;

const turns = 10;

/** The steps that need an authorization server in their own hands. */
export const ownSteps: Step<OwnStage>[] = [
    ...commonSteps,
    {
        title: 'The token nears its end',
        story:
            `Tokens now live ${lifetime} s, and the authorization server takes ${creation} ms for each. A call every ` +
            `${pause} ms: the token is renewed in the background before it ends, and no call waits for that.`,
        run: renewalAhead,
    },
    {
        title: 'The authorization server is down',
        story:
            `Tokens live ${shortLifetime} s. The server goes down while the token is valid, and the calls go on. The ` +
            'renewal ahead of the end fails, which harms nobody. Soon after, the server is back and a renewal ' +
            'succeeds. (While it is down, the API goes by what it last learnt about the token.)',
        run: serverDown,
    },
    {
        title: 'A call to somewhere else',
        story:
            'The same client calls its own API, and by an absolute URL an API of another origin, which must not see ' +
            'the token.',
        run: otherOrigin,
    },
];

async function renewalAhead(stage: OwnStage): Promise<Result> {
    const { authorizationServer } = stage;
    authorizationServer.accessTokenLifetime = lifetime;
    authorizationServer.tokenDelay = creation;
    const application = await connectWithToken(stage);
    const end = Date.now() + lifetime * 1000 + 200;
    const measurement = await measure(stage, (record) => callUntil(() => Date.now() >= end, application, record));
    const { created, slowest, unauthorized } = numbersOf(measurement);
    const ahead = application.events.filter(({ event }) => event.type === 'created' && event.reason === 'ahead').length;
    const fastestCreation = Math.min(
        ...measurement.tokenRequests.map((request) => request.endedAt - request.startedAt),
    );
    return {
        measurement,
        lanes: [...requestLanes(measurement), tokenLane(measurement)],
        expectations: [
            allSucceeded(measurement),
            exactly('tokens created', created, 1),
            exactly('of these in the background', ahead, 1),
            shorterThan('slowest call', slowest, 'a creation', fastestCreation),
            exactly('answered 401', unauthorized, 0),
        ],
    };
}

async function serverDown(stage: OwnStage): Promise<Result> {
    stage.authorizationServer.accessTokenLifetime = shortLifetime;
    stage.authorizationServer.tokenDelay = 0;
    const application = await connectWithToken(stage);
    const down = { startedAt: 0, endedAt: 0 };
    const measurement = await measure(stage, async (record) => {
        let over = false;
        const calls = callUntil(() => over, application, record);
        await delay(500);
        await stage.authorizationServer.stop();
        down.startedAt = Date.now();
        await happened(application, 'failed');
        // Some more calls with the server down and a renewal failed.
        await delay(3 * pause);
        down.endedAt = Date.now();
        await stage.authorizationServer.restart();
        await happened(application, 'created', 2);
        await delay(300);
        over = true;
        await calls;
    });
    const { created, unauthorized } = numbersOf(measurement);
    const failures = application.events.filter(({ event }) => event.type === 'failed').map(({ at }) => at);
    const meanwhile = measurement.calls.filter(
        (call) => call.startedAt >= down.startedAt && call.endedAt <= down.endedAt,
    );
    return {
        measurement,
        lanes: [...requestLanes(measurement), tokenLane(measurement, { down, failures })],
        expectations: [
            allSucceeded(measurement),
            atLeastOne('of these while it was down', meanwhile.length),
            atLeastOne('renewals that failed', failures.length),
            exactly('tokens created afterwards', created, 1),
            exactly('answered 401', unauthorized, 0),
        ],
    };
}

async function otherOrigin(stage: OwnStage): Promise<Result> {
    const application = await connectWithToken(stage);
    const elsewhere = `${stage.otherApi.url}/public`;
    stage.otherApi.reset();
    const measurement = await measure(stage, async (record) => {
        for (let turn = 0; turn < turns; turn += 1) {
            await record(() => application.client.get('/me'));
            await record(() => application.client.get(elsewhere));
        }
    });
    const others = [...stage.otherApi.requests];
    return {
        measurement,
        lanes: [
            ...requestLanes(measurement),
            ...requestLanes({ requests: others }, 'other API'),
            tokenLane(measurement),
        ],
        expectations: [
            allSucceeded(measurement),
            exactly('with a token at the own API', withToken(measurement), turns),
            exactly('at the other API', others.length, turns),
            exactly('with a token there', withToken({ requests: others }), 0),
        ],
    };
}

function withToken({ requests }: Pick<Measurement, 'requests'>): number {
    return requests.filter(({ authorization }) => authorization !== undefined).length;
}

async function connectWithToken(stage: OwnStage): Promise<Application> {
    const application = stage.connect();
    await application.client.get('/me');
    return application;
}

/** callUntil starts a call every few milliseconds, whether or not the one before was answered. */
async function callUntil(isOver: () => boolean, { client }: Application, record: Recorder): Promise<void> {
    const calls: Promise<void>[] = [];
    while (!isOver()) {
        calls.push(record(() => client.get('/me')));
        await delay(pause);
    }
    await Promise.all(calls);
}

/** happened waits, not longer than a token lives, for so many events of a type. */
async function happened({ events }: Application, type: 'created' | 'failed', times = 1): Promise<void> {
    const end = Date.now() + shortLifetime * 1000;
    while (events.filter(({ event }) => event.type === type).length < times && Date.now() < end) {
        await delay(5);
    }
}
