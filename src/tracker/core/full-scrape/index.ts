export { FULL_SCRAPE_COST, FullScrape, type FullScrapeOptions } from './full-scrape.ts';
