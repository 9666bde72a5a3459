/** For the line that a role prints when something is missing that it may not declare. */
export const DECLARED_BY = '`npx smart-shopping topology declare` declares it';
