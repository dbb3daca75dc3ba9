-- By which numbers are requests, demand and extracts judged?
--
-- Each number is of an order, with the sentence that says it. The days on which the orders came into force and were
-- repealed are not in their texts (both count from a publication), so these columns are empty: that does not mean
-- that an order is in force. A file of this name in the folder of --queries takes the place of this one: so the
-- numbers are changed.
--
-- Inputs: none.
--
-- column code String: the number's name
-- column value Int: the number
-- column unit String: what it counts
-- column law_order String: the order
-- column paragraph String: its paragraph
-- column in_force_from Date: since when it is in force, where the order's text says so
-- column in_force_until Date: until when
-- column sentence String: the sentence, in Kazakh
SELECT
    code,
    CAST(value AS BIGINT) AS value,
    unit,
    law_order,
    paragraph,
    CAST(in_force_from AS DATE) AS in_force_from,
    CAST(in_force_until AS DATE) AS in_force_until,
    sentence
FROM (VALUES
    ('requests.process_by_day', 5, 'day_of_month', '144/2021', '8', NULL, NULL, 'Сервистік интегратор ай сайын есепті айдан кейінгі айдың 5-күнінен кешіктірмей, ақпарат пайдаланушылардан келіп түскен өтінімдерді өңдеуді жүргізеді.'),
    ('requests.publish_days', 30, 'days', '144/2021', '9, part 1', NULL, NULL, 'Егер ақпарат пайдаланушы сұратқан ашық деректер Заңның 11-бабының 16-тармағына қайшы келмесе, мемлекеттік орган, мемлекеттік орган болып табылмайтын мемлекеттік мекеме, квазимемлекеттік сектор субъектісі, функцияларды орындаушы өтінімді алған күннен бастап күнтізбелік отыз күннен кешіктірілмейтін мерзімде АЖО арқылы Порталда ашық деректерді орналастырады.'),
    ('requests.refuse_working_days', 5, 'working_days', '144/2021', '9, part 2', NULL, NULL, 'Кері жағдайда мемлекеттік орган, мемлекеттік орган болып табылмайтын мемлекеттік мекеме, квазимемлекеттік сектор субъектісі, функцияларды орындаушы өтінім алынған күннен бастап бес жұмыс күнінен кешіктірілмейтін мерзімде АЖО арқылы ашық деректерді орналастырудан бас тартады.'),
    ('requests.notify_days', 0, 'days', '144/2021', '10', NULL, NULL, 'Ақпарат пайдаланушыға мемлекеттік орган, мемлекеттік орган болып табылмайтын мемлекеттік мекеме, квазимемлекеттік сектор субъектісі, функцияларды орындаушы тиісті шешім қабылдаған кезден бастап өтінімді қарау мәртебесі туралы хабарлама автоматты түрде жіберіледі.'),
    ('demand.least_requests', 2, 'requests', '432/2018', '5', NULL, NULL, 'Бұл ретте электрондық ақпараттық ресурстарды ашық деректерге жатқызу мақсатында олардың қажеттілері пайдаланушылармен кезекті күнтізбелік үш ай ішінде екі және одан да көп рет сұратылатын электрондық ақпараттық ресурстар болып табылады.'),
    ('demand.window_months', 3, 'months', '432/2018', '5', NULL, NULL, 'Бұл ретте электрондық ақпараттық ресурстарды ашық деректерге жатқызу мақсатында олардың қажеттілері пайдаланушылармен кезекті күнтізбелік үш ай ішінде екі және одан да көп рет сұратылатын электрондық ақпараттық ресурстар болып табылады.'),
    ('extract.judge_months', 2, 'months', '111/НҚ/2021', '7', NULL, NULL, 'Сервистік интегратор екі ай ішінде ұсынылған түсірілімдерге талдау жүргізеді, ашық деректер жиынтығын қалыптастыру үшін ашық деректердің болуын анықтайды, осы Қағидаларға 2-қосымшаға сәйкес ашық деректер жиынтығының технологиялық паспортының жобасын (бұдан әрі - паспорт жобасы) әзірлейді.')
) AS rule (code, value, unit, law_order, paragraph, in_force_from, in_force_until, sentence)
