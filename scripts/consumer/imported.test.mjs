import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import * as root from 'axios-token-creator';
import * as shared from 'axios-token-creator/shared';
import * as testing from 'axios-token-creator/testing';
import suite from './suite.cjs';

suite.defineTests({ axios, MockAdapter, root, shared, testing, test, expect });
