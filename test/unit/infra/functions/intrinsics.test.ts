import { describe, expect, it } from 'vitest';
import { resolveIntrinsics } from '../../../../infra/functions/intrinsics.js';

describe("CloudFormation's functions in an environment", () => {
  it.each<[unknown, unknown]>([
    ['plain', 'plain'],
    [3, 3],
    [null, null],
    [{ 'Fn::Join': ['-', ['a', { 'Fn::Join': ['', ['b', 'c']] }]] }, 'a-bc'],
    [{ 'Fn::Sub': 'as it is' }, 'as it is'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
    [{ 'Fn::Sub': ['${who} at ${AWS::Region}', { who: { 'Fn::Join': ['', ['a']] } }] }, 'a at ${AWS::Region}'],
    [{ Ref: 'Table' }, { Ref: 'Table' }],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, { 'Fn::GetAtt': ['Table', 'Arn'] }],
    [{ 'Fn::Join': 'of another shape' }, { 'Fn::Join': 'of another shape' }],
  ])('%j is %j', (value, expected) => {
    expect(resolveIntrinsics(value)).toEqual(expected);
  });
});
