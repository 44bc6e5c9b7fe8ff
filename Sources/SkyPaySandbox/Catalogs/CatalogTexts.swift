/// What stands in the catalogs; ids follow the order, from 1.
enum CatalogTexts {
    static let banks: [(code: String, name: String)] = [
        ("SEC", "Security Bank Corporation"), ("UBP", "Union Bank of the Philippines"),
        ("BDO", "BDO Unibank"), ("BPI", "Bank of the Philippine Islands"),
        ("MBTC", "Metropolitan Bank and Trust Company"), ("LBP", "Land Bank of the Philippines"),
        ("PNB", "Philippine National Bank"), ("RCBC", "Rizal Commercial Banking Corporation"),
        ("CHIB", "China Banking Corporation"), ("EWB", "East West Banking Corporation"),
        ("AUB", "Asia United Bank"), ("PSB", "Philippine Savings Bank"),
    ]

    static let identificationTypes = [
        "Company ID", "Driver's License", "Passport", "SSS ID", "Unified Multi-Purpose ID",
        "Postal ID", "Voter's ID", "PRC ID", "Senior Citizen ID", "PhilHealth ID",
        "National ID", "TIN ID", "Student ID", "Barangay ID",
    ]

    static let civilStatuses = ["Single", "Married", "Widowed", "Separated", "Divorced"]

    static let nationalities = [
        "Filipino", "American", "Australian", "British", "Canadian", "Chinese", "French",
        "German", "Indian", "Indonesian", "Italian", "Japanese", "Korean", "Malaysian",
        "Singaporean", "Spanish", "Taiwanese", "Thai", "Vietnamese",
    ]

    /// A province a line, with some of its towns.
    static let provinces = """
        Abra: Sallapadan, Bangued, Boliney
        Agusan del Norte: Butuan City, Cabadbaran City, Nasipit
        Agusan del Sur: Prosperidad, Bayugan City
        Aklan: Kalibo, Malay
        Albay: Legazpi City, Daraga, Tabaco City
        Antique: San Jose de Buenavista, Culasi
        Apayao: Kabugao, Luna
        Aurora: Baler, Casiguran
        Basilan: Isabela City, Lamitan City
        Bataan: Balanga City, Mariveles
        Batanes: Basco
        Batangas: Batangas City, Lipa City, Tanauan City
        Benguet: Baguio City, La Trinidad
        Biliran: Naval
        Bohol: Tagbilaran City, Panglao
        Bukidnon: Malaybalay City, Valencia City
        Bulacan: Malolos City, Meycauayan City, San Jose del Monte City
        Cagayan: Tuguegarao City, Aparri
        Camarines Norte: Daet
        Camarines Sur: Naga City, Pili
        Camiguin: Mambajao
        Capiz: Roxas City
        Catanduanes: Virac
        Cavite: Bacoor City, Dasmarinas City, Imus City
        Cebu: Cebu City, Lapu-Lapu City, Mandaue City
        Cotabato: Kidapawan City
        Davao de Oro: Nabunturan
        Davao del Norte: Tagum City, Panabo City
        Davao del Sur: Davao City, Digos City
        Davao Occidental: Malita
        Davao Oriental: Mati City
        Dinagat Islands: San Jose
        Eastern Samar: Borongan City
        Guimaras: Jordan
        Ifugao: Lagawe
        Ilocos Norte: Laoag City, Batac City
        Ilocos Sur: Vigan City, Candon City
        Iloilo: Iloilo City, Passi City
        Isabela: Ilagan City, Santiago City
        Kalinga: Tabuk City
        La Union: San Fernando City
        Laguna: Santa Cruz, Calamba City, San Pablo City
        Lanao del Norte: Iligan City, Tubod
        Lanao del Sur: Marawi City
        Leyte: Tacloban City, Ormoc City
        Maguindanao: Cotabato City
        Marinduque: Boac
        Masbate: Masbate City
        Metro Manila: Manila, Makati City, Quezon City, Taguig City
        Misamis Occidental: Oroquieta City, Ozamiz City
        Misamis Oriental: Cagayan de Oro City
        Mountain Province: Bontoc
        Negros Occidental: Bacolod City
        Negros Oriental: Dumaguete City
        Northern Samar: Catarman
        Nueva Ecija: Cabanatuan City, Palayan City
        Nueva Vizcaya: Bayombong
        Occidental Mindoro: Mamburao
        Oriental Mindoro: Calapan City
        Palawan: Puerto Princesa City
        Pampanga: San Fernando, Angeles City
        Pangasinan: Lingayen, Dagupan City
        Quezon: Lucena City
        Quirino: Cabarroguis
        Rizal: Antipolo City, Cainta
        Romblon: Romblon
        Samar: Catbalogan City
        Sarangani: Alabel
        Siquijor: Siquijor
        Sorsogon: Sorsogon City
        South Cotabato: Koronadal City, General Santos City
        Southern Leyte: Maasin City
        Sultan Kudarat: Isulan
        Sulu: Jolo
        Surigao del Norte: Surigao City
        Surigao del Sur: Tandag City
        Tarlac: Tarlac City
        Tawi-Tawi: Bongao
        Zambales: Iba, Olongapo City
        Zamboanga del Norte: Dipolog City
        Zamboanga del Sur: Pagadian City, Zamboanga City
        Zamboanga Sibugay: Ipil
        """
}
