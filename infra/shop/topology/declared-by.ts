/** For the line that a role prints which misses something and may not declare it. */
export const DECLARED_BY = '`npx smart-shopping topology declare` declares it';
